"""One dict and one list that all threads write, each its own places."""
import threading

from _pattern import main

lock = threading.Lock()
numbers = [0]
table = {}
cells = [0] * 1024


def job(size):
    with lock:
        mine = numbers[0]
        numbers[0] += 1
    for i in range(size):
        table[mine, i & 255] = i
        cells[mine * 64 + (i & 63)] = i
    return sum(table[mine, k] for k in range(256)) + sum(cells[mine * 64 : mine * 64 + 64])


if __name__ == "__main__":
    main(job, 400_000)
