"""Threads that start and exit, locals, locks, conditions, queues."""
import queue
import threading

from _stress import go

local = threading.local()
lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
events = [threading.Event() for _ in range(3)]
q = queue.SimpleQueue()
kept = []
counter = [0, 0]


def start(r):
    n = r.randrange(100)

    def work():
        local.x = [n]
        kept.append(local.x)
        kept.append(threading.current_thread())
        local.y = kept[-1]
        assert local.x == [n]

    team = [threading.Thread(target=work, daemon=r.random() < 0.5) for _ in range(r.randrange(1, 4))]
    for t in team: t.start()
    for t in team: t.join(30)
    assert not any(t.is_alive() for t in team), "a thread hangs"
    if len(kept) > 100: kept.clear()


def count(r):
    with r.choice((lock, lock)):
        counter[0] += 1
        counter[1] += 1
        assert counter[0] == counter[1]


def nest(r):
    with rlock, rlock, lock:
        pass


def wait(r):
    n = r.randrange(4)
    with condition:
        if n < 2: condition.wait(0.0005)
        elif n == 2: condition.notify_all()
        else: condition.notify()


def signal(r):
    e = r.choice(events)
    r.choice((e.set, e.clear, e.is_set, lambda: e.wait(0.0005)))()


def hand(r):
    if r.random() < 0.5: q.put([1, r.random()])
    else: assert q.get(timeout=0.0005)[0] == 1


def world(r):
    threading.enumerate(), threading.active_count(), threading.get_ident()


go(start, count, count, nest, wait, signal, hand, hand, world)
assert counter[0] == counter[1]
