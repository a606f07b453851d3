"""What the patterns share: small cases, each of which does as much work in every thread as alone.

A file of patterns marks its cases with `case(group, size)`, which are functions of a size, and ends with `main()`. The groups are
`private` (nothing is shared but code), `read` (shared objects that nobody changes) and `written` (shared objects that
all threads change). `FILE.py --case NAME --threads N` runs `NAME(size)` in each of N threads and prints the sum of what they return,
which must not depend on the interpreter. Sizes are such that a case takes about half a second.
"""
import os
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "programs"))

from _harness import arguments, team

cases = {}


def case(group, size):
    def mark(job):
        cases[job.__name__] = job
        job.group, job.size = group, size
        return job

    return mark


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--case" or sys.argv[2] not in cases:
        sys.exit(f"usage: {sys.argv[0]} --case NAME [--threads N] [--size S]\ncases: {' '.join(cases)}")
    job = cases[sys.argv[2]]
    del sys.argv[1:3]
    threads, size = arguments(job.size)
    start = time.perf_counter()
    results = team(threads, lambda i: job(size))
    seconds = time.perf_counter() - start
    print("OK", sum(results), f"{seconds:.3f}")
