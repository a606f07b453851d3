"""Shared functions, and what the library remembers for all threads."""
import collections.abc
import contextvars
import functools
import logging
import re
import sys
import threading

from _pattern import case, main

log = logging.getLogger("pattern")
log.setLevel(logging.WARNING)
word = re.compile(r"(\w+) (\d+)")
values = [[1], (2,), {3: 3}, {4}, object(), "text"]
local = threading.local()
variable = contextvars.ContextVar("variable", default=(1, 2))
lock = threading.Lock()
texts = [f"name_{i}" for i in range(50)]


def adder(n):
    def add(x, by=(1, 2)):
        return x + n + len(by)

    return add


add = adder(1)
compose = lambda f, x: f(f(x))


@functools.lru_cache(maxsize=None)
def cached(n):
    return (n, n)


@functools.lru_cache(maxsize=100)
def cached_bounded(n):
    return (n, n)


@case("read", 1_000_000)
def closures(size):
    total = 0
    for _ in range(size):
        total = compose(add, total) & 0xFFFFFF
    return total


@case("read", 2_000_000)
def constants(size):
    total = 0
    for i in range(size):
        total += len("constant") + len((1, "two", 3.0))
        if i in (1, 2, 3) or "x" in ("y", "x"):
            total += 1
    return total


@case("read", 400_000)
def abstract_classes(size):
    total = 0
    for i in range(size):
        value = values[i % 6]
        if isinstance(value, collections.abc.Sequence):
            total += 1
        if isinstance(value, collections.abc.Mapping):
            total += 2
    return total


@case("read", 2_000_000)
def lru_cache(size):
    total = 0
    for i in range(size):
        total += cached(i % 50)[0]
    return total


@case("read", 1_500_000)
def lru_cache_bounded(size):
    total = 0
    for i in range(size):
        total += cached_bounded(i % 50)[0]
    return total


@case("read", 700_000)
def disabled_logging(size):
    for i in range(size):
        log.debug("nothing %d", i)
    return size


@case("read", 400_000)
def regular_expressions(size):
    total = 0
    for _ in range(size):
        if word.match("line 12"):
            total += 1
        total += len(word.findall("a 1"))
    return total


@case("read", 300_000)
def imports(size):
    total = 0
    for _ in range(size):
        import math
        from collections import deque
        total += math.floor(1.5) + (deque is not None)
    return total


@case("read", 1_000_000)
def interning(size):
    total = 0
    for i in range(size):
        total += len(sys.intern(texts[i % 50][:5] + "x"))
    return total


@case("read", 2_000_000)
def thread_local(size):
    local.count = 0
    for _ in range(size):
        local.count += 1
    return local.count


@case("read", 2_500_000)
def context_variables(size):
    total = 0
    for _ in range(size):
        total += variable.get()[0]
    return total


@case("read", 6_000_000)
def lock_state(size):
    total = 0
    for _ in range(size):
        if not lock.locked():
            total += 1
    return total


if __name__ == "__main__":
    main()
