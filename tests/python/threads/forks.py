# A child of a process with threads runs on, whatever the other threads were doing: taking locks, starting and ending threads,
# importing, waiting for each other, collecting.
import _imp
import gc
import os
import queue
import signal
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
stop = False
shared = threading.Lock()
channel = queue.SimpleQueue()


def lockers():
    while not stop:
        with shared:
            pass
        shared.acquire(timeout=0.00001) and shared.release()


def starters():
    while not stop:
        t = threading.Thread(target=int)
        t.start()
        t.join()


def importers():
    while not stop:
        _imp.acquire_lock()
        sum(range(20))
        _imp.release_lock()


def queues():
    while not stop:
        channel.put(1)
        for timeout in 1, 0.00001:
            try:
                channel.get(timeout=timeout)
            except queue.Empty:
                pass


def cycles():
    while not stop:
        for _ in range(100):
            a = []
            a.append(a)
        gc.collect()


def child():
    def work():
        with lock:
            results.append(channel.empty)

    lock = threading.Lock()
    results = []
    _imp.acquire_lock()
    _imp.release_lock()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    gc.collect()
    return len(results)


workers = [threading.Thread(target=f) for f in (lockers, lockers, starters, starters, importers, importers, queues, queues, cycles)]
for w in workers:
    w.start()
end = time.monotonic() + 3
forks = 0
while time.monotonic() < end:
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        os._exit(child() * 20)
    _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) != 40:
        stop = True
        sys.exit(f"fork {forks}: child ended with {os.waitstatus_to_exitcode(status)}")
    forks += 1
stop = True
for w in workers:
    w.join()
assert forks > 5, forks
