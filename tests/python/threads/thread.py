"""Thread objects."""
import sys
import threading
import time

log = []
t = threading.Thread(target=lambda a, b: log.append((a, b)), args=(1,), kwargs={"b": 2}, name="worker")
assert not t.is_alive() and t.ident is None and t.name == "worker" and repr(t) == "<Thread(worker, initial)>"
t.start()
t.join()
assert log == [(1, 2)] and not t.is_alive() and t.ident
for bad in (t.start, threading.Thread().join, threading.current_thread().join):
    try:
        bad()
    except RuntimeError:
        pass
    else:
        raise AssertionError


class Own(threading.Thread):
    def run(self):
        self.seen = threading.current_thread() is self


o = Own(daemon=True)
o.start()
o.join(10)
assert o.seen and o.daemon

main = threading.main_thread()
assert main is threading.current_thread() and main.name == "MainThread" and main.ident == threading.get_ident()
gate = threading.Event()
ts = [threading.Thread(target=gate.wait) for _ in range(20)]
for t in ts: t.start()
assert threading.active_count() == 21 and set(ts) <= set(threading.enumerate())
t.join(0.01)
assert t.is_alive()
gate.set()
for t in ts: t.join()
assert threading.active_count() == 1 and len({t.ident for t in ts} | {main.ident}) >= 2

caught = []
threading.excepthook, old = lambda args: caught.append((args.exc_type, str(args.exc_value), args.thread.name)), threading.excepthook
t = threading.Thread(target=lambda: 1 / 0, name="bad")
t.start()
t.join()
threading.excepthook = old
assert caught == [(ZeroDivisionError, "division by zero", "bad")]

t = threading.Thread(target=sys.exit)
t.start()
t.join()

results = []


def nest(n):
    if n:
        t = threading.Thread(target=nest, args=(n - 1,))
        t.start()
        t.join()
    results.append(n)


nest(10)
assert results == list(range(11))

for _ in range(10):
    ts = [threading.Thread(target=results.append, args=(i,)) for i in range(20)]
    for t in ts: t.start()
    for t in ts: t.join()
assert len(results) == 211

timer = threading.Timer(0.01, log.append, ["timer"])
timer.start()
timer.join()
never = threading.Timer(60, log.append, ["never"])
never.start()
never.cancel()
never.join()
assert log == [(1, 2), "timer"]
start = time.monotonic()
ts = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(10)]
for t in ts: t.start()
for t in ts: t.join()
assert time.monotonic() - start < 1.5
