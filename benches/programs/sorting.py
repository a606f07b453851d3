"""A merge sort of records: each thread sorts runs, then pairs of runs are merged; shared lists are handed over."""
from _harness import Lcg, main, mix, pool

RUNS = 32


class Record:
    __slots__ = ("key", "serial")

    def __init__(self, key, serial):
        self.key = key
        self.serial = serial


def run(n, size):
    numbers = Lcg(n)
    records = [Record(numbers.below(1 << 20), n * size + i) for i in range(size)]
    records.sort(key=lambda r: r.key)
    return records


def merge(n, runs):
    a, b = runs[2 * n], runs[2 * n + 1]
    out = []
    i = j = 0
    while i < len(a) and j < len(b):
        if b[j].key < a[i].key:
            out.append(b[j])
            j += 1
        else:
            out.append(a[i])
            i += 1
    out += a[i:]
    out += b[j:]
    return out


def work(threads, size):
    runs = pool(threads, RUNS, run, size)
    while len(runs) > 1:
        runs = pool(threads, len(runs) // 2, merge, runs)
    return runs[0]


def check(size, records):
    assert len(records) == RUNS * size
    order = [(r.key, r.serial) for r in records]
    assert order == sorted(order), "sorted, and equal keys keep their order"
    checksum = 0
    for r in records:
        checksum = mix(checksum, r.key ^ r.serial)
    return checksum


if __name__ == "__main__":
    main(work, check, 3000)
