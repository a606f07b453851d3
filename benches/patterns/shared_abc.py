"""`isinstance` against abstract classes, and `getattr` with a computed name, on shared objects."""
import collections.abc

from _pattern import main


class Config:
    def __init__(self):
        for i in range(20):
            setattr(self, f"item{i}", (i, i))


config = Config()
values = [[1], (2,), {3: 3}, {4}, config, "text"]
names = [f"item{i}" for i in range(20)]


def job(size):
    total = 0
    for i in range(size):
        value = values[i % 6]
        if isinstance(value, collections.abc.Sequence):
            total += 1
        if isinstance(value, collections.abc.Mapping):
            total += 2
        total += getattr(config, names[i % 20])[0]
    return total


if __name__ == "__main__":
    main(job, 150_000)
