"""Primes below a bound, sieved by segments: bytearrays, slice assignment, integers."""
import math

from _harness import main, pool

SEGMENT = 1 << 15


def small_primes(bound):
    flags = bytearray([1]) * (bound + 1)
    flags[:2] = b"\0\0"[: bound + 1]
    for n in range(2, math.isqrt(bound) + 1):
        if flags[n]:
            flags[n * n :: n] = bytes(len(range(n * n, bound + 1, n)))
    return [n for n in range(bound + 1) if flags[n]]


def segment(index, size, primes):
    """How many primes there are in the segment, and their sum."""
    low = index * SEGMENT
    high = min(low + SEGMENT, size)
    flags = bytearray([1]) * (high - low)
    for p in primes:
        if p * p >= high:
            break
        first = max(p * p, (low + p - 1) // p * p)
        for multiple in range(first - low, high - low, p):
            flags[multiple] = 0
    if low == 0:
        flags[:2] = b"\0\0"
    count = total = 0
    for i, flag in enumerate(flags):
        if flag:
            count += 1
            total += low + i
    return count, total


def work(threads, size):
    size = max(size, 4)
    primes = small_primes(math.isqrt(size) + 1)
    segments = pool(threads, (size + SEGMENT - 1) // SEGMENT, segment, size, primes)
    return sum(count for count, total in segments), sum(total for count, total in segments)


def prime_count(n):
    """The number of primes up to n, without sieving (Legendre's recurrence over the values n // i)."""
    root = math.isqrt(n)
    values = [n // i for i in range(1, root + 1)]
    values += range(values[-1] - 1, 0, -1)
    count = {v: v - 1 for v in values}
    for p in range(2, root + 1):
        if count[p] > count[p - 1]:
            for v in values:
                if v < p * p:
                    break
                count[v] -= count[v // p] - count[p - 1]
    return count[n]


def check(size, result):
    count, total = result
    assert count == prime_count(max(size, 4) - 1), "the count is right"
    return total


if __name__ == "__main__":
    main(work, check, 2_000_000)
