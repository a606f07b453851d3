"""Lock, RLock, Condition, Semaphore, Event, Barrier."""
import threading
import time


def team(n, f):
    ts = [threading.Thread(target=f, args=(i,)) for i in range(n)]
    for t in ts: t.start()
    for t in ts: t.join()


class Box:
    n = 0


for make in (threading.Lock, threading.RLock, threading.Condition, threading.Semaphore):
    lock, box = make(), Box()

    def bump(_):
        for _ in range(500):
            with lock:
                box.n += 1

    team(4, bump)
    assert box.n == 2000, make

lock = threading.Lock()
assert lock.acquire() and not lock.acquire(blocking=False) and not lock.acquire(timeout=0.01) and lock.locked()
t = threading.Thread(target=lock.release)
t.start()
t.join()
assert not lock.locked() and lock.acquire(False)
lock.release()
for bad in (lock.release, threading.RLock().release, threading.Condition().notify, threading.Condition().wait):
    try:
        bad()
    except RuntimeError:
        pass
    else:
        raise AssertionError
try:
    lock.acquire(False, 1)
except ValueError as e:
    assert str(e) == "can't specify a timeout for a non-blocking call"

r = threading.RLock()
with r, r:
    other = []
    t = threading.Thread(target=lambda: other.append(r.acquire(timeout=0.01)))
    t.start()
    t.join()
    assert other == [False]

c = threading.Condition()
items, got = [], []


def consume(i):
    for _ in range(50):
        with c:
            assert c.wait_for(lambda: items, timeout=30)
            got.append(items.pop())


def produce():
    for i in range(200):
        with c:
            items.append(i)
            c.notify()


p = threading.Thread(target=produce)
p.start()
team(4, consume)
p.join()
assert sorted(got) == list(range(200))
with c:
    assert not c.wait(0.01)

s = threading.BoundedSemaphore(2)
inside, most = [], []


def enter(i):
    with s:
        inside.append(i)
        most.append(len(inside))
        time.sleep(0.002)
        inside.remove(i)


team(6, enter)
assert max(most) <= 2
try:
    s.release()
except ValueError:
    pass
else:
    raise AssertionError

e = threading.Event()
assert not e.wait(0.01) and not e.is_set()
seen = []
ts = [threading.Thread(target=lambda: seen.append(e.wait(30))) for _ in range(3)]
for t in ts: t.start()
e.set()
for t in ts: t.join()
assert seen == [True] * 3

rounds = []
b = threading.Barrier(3, action=lambda: rounds.append(len(rounds)))
order = []


def step(i):
    for n in range(20):
        order.append(n)
        b.wait()


team(3, step)
assert rounds == list(range(20)) and order == sorted(order)
broken = threading.Barrier(2)
try:
    broken.wait(0.01)
except threading.BrokenBarrierError:
    pass
else:
    raise AssertionError
assert broken.broken
