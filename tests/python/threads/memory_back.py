# Memory goes back to the system when the objects in it are gone, whoever made them and whoever dropped them.
import gc, threading, time

def resident():
    "MiB"
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4 / 1024

def returns_to(limit, seconds=5):
    "The least resident size that is seen until it is below the limit."
    least = resident()
    end = time.monotonic() + seconds
    while least > limit and time.monotonic() < end:
        time.sleep(0.05)
        least = min(least, resident())
    return least

class Node:
    __slots__ = ("a", "b")
    def __init__(self, a=None):
        self.a = a
        self.b = None

COUNT = 400_000  # 30 MiB

def check(what, before, peak):
    assert peak > before + 20, (what, before, peak)
    after = returns_to(before + 10)
    assert after <= before + 10, (what, before, peak, after)

# Private objects, with no other thread.
before = resident()
nodes = [Node() for _ in range(COUNT)]
peak = resident()
del nodes
check("private", before, peak)

# Private objects in cycles.
before = resident()
nodes = [Node() for _ in range(COUNT)]
for n in nodes:
    n.a = n
peak = resident()
del n, nodes
gc.collect()
check("private cycles", before, peak)

# Objects of exited threads, which die there.
def work(wait):
    nodes = [Node() for _ in range(COUNT // 8)]
    wait.wait()

wait = threading.Barrier(17)
threads = [threading.Thread(target=work, args=(wait,)) for _ in range(16)]
for t in threads:
    t.start()
while wait.n_waiting < 16:
    time.sleep(0.01)
peak = resident()
wait.wait()
for t in threads:
    t.join()
del t, threads
check("exited threads", before, peak)

# Shared objects, dropped by the thread that made them.
kept = None
before = resident()
kept = [Node() for _ in range(COUNT)]
peak = resident()
kept = None
check("shared", before, peak)

# Made by a thread that lives on, and sleeps; dropped by another.
made = []
go = threading.Event()
def maker():
    made.extend(Node() for _ in range(COUNT))
    ready.set()
    go.wait()
ready = threading.Event()
before = resident()
t = threading.Thread(target=maker)
t.start()
ready.wait()
peak = resident()
made.clear()
check("made by a thread that sleeps", before, peak)
go.set()
t.join()

# Made by a thread that has exited.
def leaver():
    made.extend(Node() for _ in range(COUNT))
before = resident()
t = threading.Thread(target=leaver)
t.start()
t.join()
peak = resident()
made.clear()
check("made by a thread that has exited", before, peak)

# Buffers: as one large block, and as many.
before = resident()
block = [None] * (6 << 20)
peak = resident()
del block
check("a large block", before, peak)
blocks = [[None] * 5000 for _ in range(1000)]
peak = resident()
del blocks
check("many blocks", before, peak)

# A program that makes and drops in turns does not grow.
before = resident()
for _ in range(20):
    nodes = [Node() for _ in range(COUNT // 4)]
    del nodes
assert resident() < before + 30, (before, resident())

# Short threads leave nothing behind.
def short():
    return [Node() for _ in range(10)]
def some(n):
    for _ in range(n):
        t = threading.Thread(target=short)
        t.start()
        t.join()
some(500)
before = resident()
some(10_000)
after = returns_to(before + 6)
assert after <= before + 6, (before, after)
