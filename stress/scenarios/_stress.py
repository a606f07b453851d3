"""What the scenarios share. A scenario is run as `scenario.py SEED SECONDS`; it calls `go(*actions)`.

Each action gets a generator of random numbers and does a few things to objects that all threads share. Exceptions that
races explain are allowed; what is not is a crash, a hang, an AssertionError or SystemError.
"""
import random
import sys
import threading
import time

SEED, SECONDS = int(sys.argv[1]), float(sys.argv[2])
choose = random.Random(SEED)


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
        t.join()
    for name, e in failures:
        print(f"{name}: {type(e).__name__}: {e}", file=sys.stderr)
    if failures:
        sys.exit(1)
    print("rounds", sum(rounds))
