"""Calls of shared functions and methods: their code, globals and classes are read by all."""
from _pattern import main


class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self


def twice(x):
    return x + x


def job(size):
    c = Counter()
    for i in range(size):
        c.add(twice(i & 7)).add(1)
    return c.n


if __name__ == "__main__":
    main(job, 500_000)
