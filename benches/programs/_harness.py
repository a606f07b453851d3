"""What the programs share: arguments, a team of threads, the closing line.

A program calls `main(work, check, size)`. `work(threads, size)` is timed; `check(size, result)` is not: it raises
AssertionError if the result is wrong and returns the checksum, which never depends on the number of threads.
"""
import sys
import threading
import time


def arguments(size):
    """`--threads N --size S`, in any order, both optional."""
    values = {"--threads": 1, "--size": size}
    rest = sys.argv[1:]
    while rest:
        if rest[0] not in values or len(rest) < 2 or not rest[1].isdigit() or int(rest[1]) < 1:
            sys.exit(f"usage: {sys.argv[0]} [--threads N] [--size S]")
        values[rest[0]] = int(rest[1])
        rest = rest[2:]
    return values["--threads"], values["--size"]


def main(work, check, size):
    threads, size = arguments(size)
    start = time.perf_counter()
    result = work(threads, size)
    seconds = time.perf_counter() - start
    print("OK", check(size, result), f"{seconds:.3f}")


def team(threads, job, *args):
    """Run `job(i, *args)` for i in range(threads), each in its thread; the results in order."""
    results = [None] * threads
    failures = []

    def member(i):
        try:
            results[i] = job(i, *args)
        except BaseException as e:
            failures.append(e)

    members = [threading.Thread(target=member, args=(i,)) for i in range(threads)]
    for t in members:
        t.start()
    for t in members:
        t.join()
    if failures:
        raise failures[0]
    return results


class Tickets:
    """The numbers 0 to total - 1, each handed out once."""

    def __init__(self, total):
        self.lock = threading.Lock()
        self.next = 0
        self.total = total

    def __iter__(self):
        while True:
            with self.lock:
                n = self.next
                if n >= self.total:
                    return
                self.next = n + 1
            yield n


def pool(threads, total, job, *args):
    """`[job(0, *args), ..., job(total - 1, *args)]`, the jobs taken by a team as it gets to them."""
    results = [None] * total
    tickets = Tickets(total)

    def member(i):
        for n in tickets:
            results[n] = job(n, *args)

    team(threads, member)
    return results


class Lcg:
    """A small generator of pseudo-random numbers, the same everywhere."""

    def __init__(self, seed):
        self.state = (seed * 0x9E3779B1 + 0x7F4A7C15) & 0xFFFFFFFF

    def below(self, n):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self.state >> 8) * n >> 24


def mix(checksum, value):
    return (checksum * 31 + value) & 0xFFFFFFFF
