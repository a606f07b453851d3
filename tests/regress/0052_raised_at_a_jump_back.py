"""What a signal handler raises at the jump back of a loop is caught by the `try` around it."""
import os
import signal
import threading
import time

# A parent that runs in the background may have left it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Alarm(Exception):
    pass


def handler(number, frame):
    raise Alarm


# Not empty: the main thread is inside the `try`, just before its loop.
begun = []


def soon(number):
    """Sends a signal when the loop has begun, mostly: it may also come on the way there, where the `try` catches it as well."""
    def send():
        while not begun: time.sleep(0.001)
        time.sleep(0.05)
        os.kill(os.getpid(), number)

    begun.clear()
    t = threading.Thread(target=send)
    t.start()
    return t


def endless():
    try:
        begun.append(True)
        while True:
            pass
    except Alarm:
        return "alarm"
    except KeyboardInterrupt:
        return "interrupt"


def conditional():
    n = 0
    try:
        begun.append(True)
        while n >= 0:
            n += 1
    except Alarm:
        return "alarm"
    finally:
        assert n >= 0


def inside():
    caught = 0
    while caught < 1:
        try:
            begun.append(True)
            while True:
                pass
        except Alarm:
            caught += 1
            continue
        finally:
            caught += 10
    return caught


def iterating():
    from itertools import repeat

    try:
        begun.append(True)
        for _ in repeat(None):
            pass
    except Alarm:
        return "alarm"


signal.signal(signal.SIGUSR1, handler)
for function, result in [(endless, "alarm"), (conditional, "alarm"), (inside, 11), (iterating, "alarm")]:
    t = soon(signal.SIGUSR1)
    assert function() == result, function
    t.join()
t = soon(signal.SIGINT)
assert endless() == "interrupt"
t.join()
