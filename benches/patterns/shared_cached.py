"""Hits of an `lru_cache`, `dict.get` of shared values, and a logger that is switched off."""
import functools
import logging

from _pattern import main

log = logging.getLogger("pattern")
log.setLevel(logging.WARNING)
table = {i: (i, i) for i in range(100)}
named = {f"k{i}": [i] for i in range(100)}
keys = list(named)


@functools.lru_cache(maxsize=None)
def cached(n):
    return (n, n)


def job(size):
    total = 0
    for i in range(size):
        total += cached(i % 50)[0]
        total += table.get(i % 100)[1]
        total += named.get(keys[i % 100])[0] + named[keys[i % 100]][0]
        log.debug("nothing %d", i)
    return total


if __name__ == "__main__":
    main(job, 100_000)
