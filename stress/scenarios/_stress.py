"""What the scenarios share. A scenario is run as `scenario.py SEED SECONDS`; it calls `go(*actions)`.

Each action gets a generator of random numbers and does a few things to objects that all threads share. Exceptions that
races explain are allowed; what is not is a crash, a hang, an AssertionError or SystemError.
"""
import random
import sys
import threading
import time
from os import _exit as end_now
# What scenarios do to modules does not matter later.
from time import monotonic, sleep

# Seconds that threads may take to come to their end.
PATIENCE = 30
SEED, SECONDS = int(sys.argv[1]), float(sys.argv[2])
choose = random.Random(SEED)


shared = []
died = []


class Dies:
    def __del__(self):
        died.append(True)


def go(*actions, threads=4, allow=(Exception,)):
    end = time.monotonic() + SECONDS
    failures = []
    rounds = [0] * threads

    def run(i):
        numbers = random.Random(SEED * 1000 + i)
        while time.monotonic() < end and not failures:
            for _ in range(20):
                action = numbers.choice(actions)
                try:
                    action(numbers)
                except (AssertionError, SystemError) as e:
                    failures.append((action.__name__, e))
                    return
                except allow:
                    pass
            rounds[i] += 1

    team = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
    for t in team:
        t.start()
    for t in team:
        t.join(max(0.0, end + 2 * SECONDS + PATIENCE - monotonic()))
    for name, e in failures:
        print(f"{name}: {type(e).__name__}: {e}", file=sys.stderr)
    if any(t.is_alive() for t in team):
        # A race may make Python code loop for ever, which is no fault if the loop passes safepoints: then what has been shared dies.
        shared.append(Dies())
        shared.clear()
        while not died and monotonic() < end + 2 * SECONDS + PATIENCE + 10:
            sleep(0.01)
        if died:
            print("rounds", sum(rounds), "and a thread that goes on", flush=True)
        end_now(3 if failures or not died else 0)
    if failures:
        sys.exit(1)
    print("rounds", sum(rounds))
