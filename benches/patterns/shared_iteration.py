"""Iteration over a shared dict, list and tuple, and unpacking of what is in them."""
from _pattern import main

pairs = [(str(i), [i]) for i in range(100)]
table = dict(pairs)
fixed = tuple(pairs)


def job(size):
    total = 0
    for _ in range(size):
        for name, value in pairs:
            total += value[0]
        for pair in fixed:
            total += len(pair)
        for name in table:
            total += len(name)
        for value in table.values():
            total += value[0]
        for name, value in table.items():
            total += value[0]
        total += sum(len(name) for name, value in pairs)
    return total


if __name__ == "__main__":
    main(job, 800)
