#!/usr/bin/env python3
"""How long a thread stands still because of the collector.

    benches/stalls.py skein=target/release/skein cpython=python3.14t
    benches/stalls.py --containers 1000000 --seconds 10 skein=target/release/skein

One thread, the ticker, reads the clock again and again, while the main thread

* `idle`: sleeps,
* `busy`: computes, without an object to be collected,
* `churn`: makes 500,000 garbage cycles a second,
* `collect`: calls `gc.collect()` again and again,

with so many live containers. Shown is the longest time between two looks at the clock, in milliseconds, the shortest of these in several runs (a
virtual machine may itself stand still: runs in which the system has counted stolen time are repeated), the median of the runs, and
what the main thread got done in a second.
"""
import argparse
import shlex
import subprocess
import sys

JOB = r"""
import gc, sys, threading, time

containers, mode, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
live = [[] for _ in range(containers)]
worst = 0.0
clock = time.perf_counter


def ticker():
    global worst
    longest = 0.0
    last = clock()
    end = last + seconds
    while last < end:
        now = clock()
        if now - last > longest:
            longest = now - last
        last = now
    worst = longest


thread = threading.Thread(target=ticker)
thread.start()
begin = clock()
end = begin + seconds
done = 0
if mode == "idle":
    time.sleep(seconds)
elif mode == "busy":
    while clock() < end:
        done += 1
elif mode == "churn":
    while (start := clock()) < end:
        for _ in range(5000):
            cycle = []
            cycle.append(cycle)
            done += 1
        time.sleep(max(0.0, start + 0.01 - clock()))
elif mode == "collect":
    while clock() < end:
        gc.collect()
        done += 1
rate = done / (clock() - begin)
thread.join()
print(worst, rate)
"""


def stolen():
    """Time that the machine itself was not run, in ticks; None where the system does not say."""
    try:
        with open("/proc/stat") as f:
            return int(f.readline().split()[8])
    except (OSError, ValueError, IndexError):
        return None


def run(command, containers, mode, seconds):
    """(longest stall in seconds, rate of the main thread, whether time was stolen)."""
    before = stolen()
    words = [*command, "-c", JOB, str(containers), mode, str(seconds)]
    out = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(out[0]), float(out[1]), stolen() != before


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--containers", type=int, nargs="+", default=[1_000_000, 10_000_000])
    ap.add_argument("--modes", nargs="+", default=["idle", "busy", "churn", "collect"])
    ap.add_argument("--seconds", type=float, default=5.0)
    ap.add_argument("--runs", type=int, default=3, help="that count")
    ap.add_argument("interpreters", nargs="+", metavar="NAME=COMMAND")
    a = ap.parse_args()
    print(f"{'mode':8} {'containers':>10}  {'interpreter':12} {'least ms':>9} {'median ms':>10} {'per second':>12}")
    for mode in a.modes:
        for containers in a.containers:
            for name, command in (i.split("=", 1) for i in a.interpreters):
                runs, tries = [], 0
                while len(runs) < a.runs:
                    tries += 1
                    worst, rate, disturbed = run(shlex.split(command), containers, mode, a.seconds)
                    # On a machine that is never left alone the rest count as they are.
                    if not disturbed or tries > 4 * a.runs:
                        runs.append((worst, rate))
                runs.sort()
                (least, rate), (median, _) = runs[0], runs[len(runs) // 2]
                print(f"{mode:8} {containers:10}  {name:12} {1e3 * least:9.2f} {1e3 * median:10.2f} {rate:12.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
