"""Closures, constants, functions of modules, and regular expressions."""
import math
import re

from _pattern import main

word = re.compile(r"(\w+) (\d+)")


def adder(n):
    def add(x, by=(1, 2)):
        return x + n + len(by)

    return add


add = adder(1)
compose = lambda f, x: f(f(x))


def job(size):
    total = 0
    for i in range(size):
        total = compose(add, total) & 0xFFFFFF
        total += int(math.sqrt(i)) + len("constant") + len((1, "two", 3.0))
        if word.match("line 12"):
            total += 1
        if i in (1, 2, 3) or "x" in {"x": 1}:
            total += 1
    return total


if __name__ == "__main__":
    main(job, 100_000)
