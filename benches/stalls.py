#!/usr/bin/env python3
"""How long a thread stands still because of the collector.

    benches/stalls.py skein=target/release/skein cpython=python3.14t
    benches/stalls.py --containers 1000000 --seconds 10 "skein=chrt --rr 1 target/release/skein"

One thread, the ticker, reads the clock again and again, while the main thread

* `idle`: sleeps,
* `busy`: computes, without an object to be collected,
* `churn`: makes 500,000 garbage cycles a second,
* `collect`: calls `gc.collect()` again and again,

with so many live containers. The time is cut into windows of a quarter of a second, or of so many whole collections; of each the longest time
between two looks at the clock counts. Shown are the shortest, the median and the longest of these, in milliseconds, in how many
windows it was above one millisecond, and what the main thread got done in a second.

Two threads that compute need two cores: on a machine with two the ticker also waits for other processes, and for threads of the kernel, for a
tick of the scheduler (4 ms) or two each time; `busy` shows how long without a collector. What the interpreter itself causes is seen
when it runs in a real-time class (`chrt --rr 1`), which nothing else interrupts, but for the 50 ms in a second that Linux keeps back for
others: a window or two with 50 ms are these.
"""
import argparse
import shlex
import subprocess
import sys

JOB = r"""
import gc, sys, threading, time

containers, mode, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
WINDOW = 0.25
live = [[] for _ in range(containers)]
# What making them has left to be done is done by then.
time.sleep(2)
longest = 0.0
stop = False
clock = time.perf_counter


def ticker():
    global longest
    last = clock()
    while not stop:
        now = clock()
        if now - last > longest:
            longest = now - last
        last = now


thread = threading.Thread(target=ticker)
thread.start()
time.sleep(0.1)
done = 0
windows = []
begin = clock()
while clock() < begin + seconds:
    longest = 0.0
    end = clock() + WINDOW
    if mode == "idle":
        time.sleep(WINDOW)
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
    windows.append(longest)
rate = done / (clock() - begin)
stop = True
thread.join()
print(rate, *windows)
"""


def run(command, containers, mode, seconds):
    """(rate of the main thread, longest stall of each window in milliseconds, in order)."""
    words = [*command, "-c", JOB, str(containers), mode, str(seconds)]
    out = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(out[0]), sorted(1e3 * float(w) for w in out[1:])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--containers", type=int, nargs="+", default=[1_000_000, 10_000_000])
    ap.add_argument("--modes", nargs="+", default=["idle", "busy", "churn", "collect"])
    ap.add_argument("--seconds", type=float, default=5.0)
    ap.add_argument("interpreters", nargs="+", metavar="NAME=COMMAND")
    a = ap.parse_args()
    print(f"{'mode':8} {'containers':>10}  {'interpreter':12} {'least':>7} {'median':>8} {'longest ms':>11} {'above 1 ms':>12} {'per second':>12}")
    for mode in a.modes:
        for containers in a.containers:
            for name, command in (i.split("=", 1) for i in a.interpreters):
                rate, w = run(shlex.split(command), containers, mode, a.seconds)
                above = f"{sum(x > 1 for x in w)} of {len(w)}"
                print(
                    f"{mode:8} {containers:10}  {name:12} {w[0]:7.2f} {w[len(w) // 2]:8.2f} {w[-1]:11.2f} {above:>12} {rate:12.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    sys.exit(main())
