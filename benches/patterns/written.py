"""Shared objects that all threads change."""
import collections
import itertools
import queue
import threading

from _pattern import case, main

lock = threading.Lock()
rlock = threading.RLock()
number = itertools.count()
table = {}
few = {i: 0 for i in range(8)}
cells = [0] * 4096
numbers = [0]
appended = []
added = set()
ends = collections.deque()
line = queue.SimpleQueue()
counter = itertools.count()


class Record:
    def __init__(self):
        self.a = 0
        self.b = None


record = Record()


@case("written", 1_000_000)
def dict_own_keys(size):
    mine = next(number)
    for i in range(size):
        table[mine, i & 255] = i
    return sum(table[mine, k] for k in range(256))


@case("written", 4_000_000)
def dict_same_keys(size):
    for i in range(size):
        few[i & 7] = i
    return len(few)


@case("written", 5_000_000)
def list_items(size):
    first = next(number) % 64 * 64
    for i in range(size):
        cells[first + (i & 63)] = i
    return sum(cells[first : first + 64])


@case("written", 3_000_000)
def list_append(size):
    for i in range(size):
        appended.append(i)
    return size


@case("written", 2_500_000)
def set_add(size):
    # Next to each other: keys that differ in high bits alone collide, the more the more threads there are.
    first = next(number) * 5000
    for i in range(size):
        added.add(first + i % 5000)
    return 5000


@case("written", 2_000_000)
def deques(size):
    total = 0
    for i in range(size):
        ends.append(i)
        ends.popleft()
        total += 1
    return total


@case("written", 2_000_000)
def queues(size):
    total = 0
    for i in range(size):
        line.put(i)
        line.get()
        total += 1
    return total


@case("written", 5_000_000)
def counts(size):
    for _ in range(size):
        next(counter)
    return size


@case("written", 1_500_000)
def attributes(size):
    for i in range(size):
        record.a = i
        record.b = None
    return size


@case("written", 1_000_000)
def locked(size):
    """Little work under the lock, and none beside it."""
    for _ in range(size):
        with lock:
            numbers[0] += 1
    return size


@case("written", 400_000)
def locked_sometimes(size):
    """Some private work between two turns with the lock."""
    for _ in range(size):
        private = 0
        for k in range(30):
            private += k
        with lock:
            numbers[0] += 1
    return size


@case("written", 1_000_000)
def locked_again(size):
    for _ in range(size):
        with rlock:
            numbers[0] += 1
    return size


if __name__ == "__main__":
    main()
