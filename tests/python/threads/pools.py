"""queue, concurrent.futures and contextvars between threads."""
import concurrent.futures
import contextvars
import queue
import threading

q = queue.Queue(maxsize=3)
out = []


def consume():
    while (item := q.get()) is not None:
        out.append(item)
        q.task_done()
    q.task_done()


ts = [threading.Thread(target=consume) for _ in range(3)]
for t in ts: t.start()
for i in range(100): q.put(i)
for t in ts: q.put(None)
q.join()
for t in ts: t.join()
assert sorted(out) == list(range(100)) and q.empty()
for bad, error in ((lambda: q.get(timeout=0.01), queue.Empty), (lambda: q.get_nowait(), queue.Empty)):
    try:
        bad()
    except error:
        pass
    else:
        raise AssertionError
p = queue.PriorityQueue()
for n in (3, 1, 2): p.put(n)
assert [p.get() for _ in range(3)] == [1, 2, 3]
s = queue.SimpleQueue()
t = threading.Thread(target=lambda: [s.put(i) for i in range(1000)])
t.start()
assert [s.get(timeout=30) for _ in range(1000)] == list(range(1000))
t.join()

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    assert list(pool.map(pow, range(20), [2] * 20)) == [n * n for n in range(20)]
    futures = [pool.submit(divmod, 7, n) for n in (0, 2)]
    concurrent.futures.wait(futures)
    assert isinstance(futures[0].exception(), ZeroDivisionError) and futures[1].result() == (3, 1)
    assert {f.result() for f in concurrent.futures.as_completed([pool.submit(int, n) for n in range(5)])} == set(range(5))

v = contextvars.ContextVar("v", default=0)
v.set(5)
seen = []
t = threading.Thread(target=lambda: seen.append(v.get()))
t.start()
t.join()
assert seen in ([5], [0])
context = contextvars.copy_context()
assert context.run(lambda: (v.set(9), v.get())[1]) == 9 and v.get() == 5
token = v.set(1)
v.reset(token)
assert v.get() == 5
