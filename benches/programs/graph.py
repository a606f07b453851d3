"""Breadth-first searches over one shared graph of objects: shared reads, private queues."""
from _harness import Lcg, main, mix, pool

SOURCES = 24


class Node:
    def __init__(self, number):
        self.number = number
        self.edges = []


def build(size):
    """A ring with random chords."""
    nodes = [Node(n) for n in range(size)]
    numbers = Lcg(11)

    def join(a, b):
        nodes[a].edges.append(nodes[b])
        nodes[b].edges.append(nodes[a])

    for n in range(size):
        join(n, (n + 1) % size)
        join(n, numbers.below(size))
    return nodes


def search(n, nodes, sources):
    """The distance of every source from source n, and the sum of all distances."""
    distance = [-1] * len(nodes)
    start = nodes[sources[n]]
    distance[start.number] = 0
    frontier = [start]
    steps = total = 0
    while frontier:
        total += steps * len(frontier)
        steps += 1
        reached = []
        for node in frontier:
            for other in node.edges:
                if distance[other.number] < 0:
                    distance[other.number] = steps
                    reached.append(other)
        frontier = reached
    return [distance[s] for s in sources], total


def work(threads, size):
    nodes = build(size)
    sources = [n * size // SOURCES for n in range(SOURCES)]
    return pool(threads, SOURCES, search, nodes, sources)


def check(size, results):
    table = [row for row, total in results]
    assert [list(column) for column in zip(*table)] == table, "the way back is as long"
    checksum = 0
    for row, total in results:
        assert min(row) >= 0, "every source is reached"
        checksum = mix(checksum, total)
    return checksum


if __name__ == "__main__":
    main(work, check, 12_000)
