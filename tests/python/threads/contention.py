"""Many threads at one object: all that was done is there, and nobody starves."""
import collections
import itertools
import queue
import sys
import threading
import time

THREADS = 32
# What the slowest thread gets done at least. The rest is the scheduler's affair, and with a global lock all is.
LEAST = 5 if sys.implementation.name == "skein" else 1


def team(n, f):
    ts = [threading.Thread(target=f, args=(i,)) for i in range(n)]
    for t in ts: t.start()
    for t in ts: t.join()


def for_a_while(step, seconds=1.0):
    """How often each of the threads got `step(i)` done."""
    done = [0] * THREADS
    ready = threading.Barrier(THREADS)

    def run(i):
        ready.wait()
        end = time.monotonic() + seconds
        n = 0
        while time.monotonic() < end:
            step(i)
            n += 1
        done[i] = n

    team(THREADS, run)
    return done


class Box:
    n = 0


for make in (threading.Lock, threading.RLock):
    lock, box = make(), Box()

    def count(i):
        with lock:
            box.n += 1

    done = for_a_while(count)
    assert box.n == sum(done), make
    assert min(done) >= LEAST, (make, sorted(done))

table = {}


def store(i):
    table["shared"] = i
    table[i] = table.get(i, 0) + 1


done = for_a_while(store)
del table["shared"]
assert table == dict(enumerate(done)), (table, done)
assert min(done) >= LEAST, sorted(done)

# Order and number of what several threads put in.
ends, line, items, numbers, members = collections.deque(), queue.SimpleQueue(), [], itertools.count(), set()
seen = [[] for _ in range(8)]


def fill(i):
    for n in range(500):
        ends.append((i, n))
        line.put((i, n))
        items.append((i, n))
        members.add((i, n))
        seen[i].append(next(numbers))


team(8, fill)
everything = [(i, n) for i in range(8) for n in range(500)]
for found in (list(ends), [line.get() for _ in everything], items):
    assert sorted(found) == everything
    for i in range(8):
        assert [n for k, n in found if k == i] == list(range(500))
assert members == set(everything) and line.empty()
assert sorted(itertools.chain(*seen)) == list(range(4000))

# Who waits for an item gets one, however the two meet.
got = []


def take(i):
    for _ in range(300):
        got.append(line.get())


def put(i):
    for n in range(300):
        line.put(n)
        if n % 50 == 0:
            time.sleep(0.001)


team(8, lambda i: (take if i % 2 else put)(i))
assert sorted(got) == sorted(list(range(300)) * 4)

# A wait that ends leaves a lock as it was.
lock = threading.Lock()
stop = time.monotonic() + 0.5
outcomes = collections.Counter()


def impatient(i):
    while time.monotonic() < stop:
        if lock.acquire(timeout=0.0001 * (i % 4)):
            time.sleep(0.0002)
            lock.release()
            outcomes[True] += 1
        else:
            outcomes[False] += 1


team(8, impatient)
assert outcomes[True] > 10
assert lock.acquire(timeout=1)
lock.release()

# A lock may be given up by another thread than the one that took it.
ping, pong = threading.Lock(), threading.Lock()
ping.acquire()
pong.acquire()


def answer(_):
    for _ in range(1000):
        ping.acquire()
        pong.release()


t = threading.Thread(target=answer, args=(0,))
t.start()
for _ in range(1000):
    ping.release()
    pong.acquire()
t.join()
