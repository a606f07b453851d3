"""threading.local."""
import gc
import threading
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
