"""Shared objects whose references are copied to and fro: reads that must count."""
from _pattern import main


class Node:
    def __init__(self, n):
        self.n = n
        self.pair = (n, str(n))


nodes = [Node(i) for i in range(64)]


def job(size):
    total = 0
    for i in range(size):
        node = nodes[i & 63]
        other = node.pair
        kept = [node, other]
        total += kept[1][0]
    return total


if __name__ == "__main__":
    main(job, 600_000)
