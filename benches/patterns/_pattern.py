"""What the patterns share: `main(job, size)` runs `job(size)` in each of n threads and adds up what they return.

Unlike a program, a pattern does as much work in every thread as alone: n threads do n times the work.
"""
import os
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "programs"))

from _harness import arguments, team


def main(job, size):
    threads, size = arguments(size)
    start = time.perf_counter()
    results = team(threads, lambda i: job(size))
    seconds = time.perf_counter() - start
    print("OK", sum(results), f"{seconds:.3f}")
