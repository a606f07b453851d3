"""threading.local."""
import gc
import threading
import time
import weakref

data = threading.local()
data.x = "main"
seen = []


def work(i):
    seen.append(hasattr(data, "x"))
    data.x = i
    for _ in range(100):
        assert data.x == i
    seen.append(data.__dict__["x"])


ts = [threading.Thread(target=work, args=(i,)) for i in range(5)]
for t in ts: t.start()
for t in ts: t.join()
assert data.x == "main" and sum(1 for x in seen if x is False) == 5 and len(seen) == 10


class Counted(threading.local):
    kind = "shared"

    def __init__(self, start):
        self.n = start


c = Counted(7)
c.n += 1
out = []
t = threading.Thread(target=lambda: out.append((c.n, c.kind)))
t.start()
t.join()
assert out == [(7, "shared")] and c.n == 8


class Thing: pass


refs = []


def hold():
    data.thing = Thing()
    refs.append(weakref.ref(data.thing))


t = threading.Thread(target=hold)
t.start()
t.join()
gc.collect()
assert refs[0]() is None, "what a thread held dies with it"
del data.x
try:
    data.x
except AttributeError:
    pass
else:
    raise AssertionError

# A cycle through the attributes of an object that one thread alone knows is garbage like any other.


def cycle():
    x = Thing()
    x.local = threading.local()
    x.local.x = x
    ref = weakref.ref(x)
    del x
    gc.collect()
    assert ref() is None


cycle()

# Attributes die with the object, whichever threads have some of it, and whatever these do meanwhile.
refs.clear()
shared = [threading.local()]
wait, ready = threading.Event(), threading.Barrier(4)


def keep():
    mine = shared[0]
    mine.thing = Thing()
    refs.append(weakref.ref(mine.thing))
    del mine
    ready.wait()
    wait.wait()


ts = [threading.Thread(target=keep) for _ in range(3)]
for t in ts: t.start()
shared[0].thing = Thing()
refs.append(weakref.ref(shared[0].thing))
ready.wait()
shared.clear()
gc.collect()
wait.set()
for t in ts: t.join()
gc.collect()
assert [r() for r in refs] == [None] * 4

# ... and while the threads go on.
refs.clear()
shared.append(threading.local())
stop = False


def keep_busy():
    mine = shared[0]
    mine.thing = Thing()
    refs.append(weakref.ref(mine.thing))
    del mine
    ready.wait()
    while not stop:
        pass


ts = [threading.Thread(target=keep_busy) for _ in range(3)]
for t in ts: t.start()
ready.wait()
assert len(refs) == 3
shared.clear()
end = time.monotonic() + 60
while any(r() is not None for r in refs) and time.monotonic() < end:
    gc.collect()
stop = True
for t in ts: t.join()
assert time.monotonic() < end, "kept as long as the thread"

# One that was private for a while keeps what it had, for its own thread.
moved = threading.local()
moved.x = 1
box = []
t = threading.Thread(target=lambda: box.append(hasattr(moved, "x")))
t.start()
t.join()
assert box == [False] and moved.x == 1

# Many, one after the other, cost no more each than few.


def many(n):
    begin = time.process_time()
    for i in range(n):
        one = threading.local()
        one.x = i
    return time.process_time() - begin


many(1000)
assert many(20_000) < 200 * max(many(1000), 0.001)


class Fails(threading.local):
    def __init__(self, bad):
        if bad and threading.current_thread() is not threading.main_thread():
            raise KeyError("bad")


fails = Fails(True)


def use():
    for _ in range(2):
        try:
            fails.x
        except KeyError as e:
            box.append(e.args)


t = threading.Thread(target=use)
t.start()
t.join()
assert box[1:] == [("bad",), ("bad",)]
