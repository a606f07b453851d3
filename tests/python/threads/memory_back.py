# Memory goes back to the system when the objects in it are gone, whoever made them and whoever dropped them.
import gc, sys, threading, time

SHOW = len(sys.argv) > 1

def resident():
    "MiB"
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4 / 1024

def returns_to(limit, seconds=20):
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

def in_thread(f):
    t = threading.Thread(target=f)
    t.start()
    t.join()

COUNT = 700_000  # 28 MiB, and what holds them

start = resident()
LIMIT = start * 1.3

def check(what, peak):
    assert peak > LIMIT + 5, (what, start, peak)
    after = returns_to(LIMIT)
    if SHOW:
        print(what, round(start), round(peak), round(after), flush=True)
    assert after <= LIMIT, (what, start, peak, after)

# One big block, of which nobody but its object knows, when nothing else goes on.
time.sleep(1)
block = bytearray(b"x") * (80 << 20)
peak = resident()
del block
check("big block", peak)

# Private objects, with no other thread.
nodes = [Node() for _ in range(COUNT)]
peak = resident()
del nodes
check("private", peak)

# Private objects in cycles.
nodes = [Node() for _ in range(COUNT)]
for n in nodes:
    n.a = n
peak = resident()
del n, nodes
gc.collect()
check("private cycles", peak)

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
check("exited threads", peak)

# Shared objects, dropped by the thread that made them.
kept = None
kept = [Node() for _ in range(COUNT)]
peak = resident()
kept = None
check("shared", peak)

# Made by a thread that lives on, and sleeps; dropped by another.
made = []
go = threading.Event()
def maker():
    made.extend(Node() for _ in range(COUNT))
    ready.set()
    go.wait()
ready = threading.Event()
t = threading.Thread(target=maker)
t.start()
ready.wait()
peak = resident()
made.clear()
check("made by a thread that sleeps", peak)
go.set()
t.join()

# Made by a thread that has exited.
def leaver():
    made.extend(Node() for _ in range(COUNT))
in_thread(leaver)
peak = resident()
made.clear()
check("made by a thread that has exited", peak)

# Many of them, in a list that has grown with them: large buffers that one thread has asked for and others free.
class Item:
    def __init__(self, n):
        self.n = n
def grower():
    for n in range(2_000_000):
        made.append(Item(n))
in_thread(grower)
peak = resident()
made.clear()
check("a list that has grown", peak)

# Cycles that many threads could have seen, which nobody collects: the collector does, when the program has become quiet.
def cycles():
    for n in range(COUNT):
        node = Node()
        node.a = node
        made.append(node)
in_thread(cycles)
peak = resident()
made.clear()
check("shared cycles", peak)

# Buffers: as one large block, and as many.
block = [None] * (6 << 20)
peak = resident()
del block
check("a large block", peak)
blocks = [[None] * 5000 for _ in range(1000)]
peak = resident()
del blocks
check("many blocks", peak)

# A program that makes and drops in turns does not grow.
def turns(n):
    for _ in range(n):
        nodes = [Node() for _ in range(COUNT // 4)]
        del nodes
turns(3)
before = resident()
turns(10)
assert resident() < before + 20, (before, resident())

# Short threads leave nothing behind.
def short():
    return [Node() for _ in range(10)]
def some(n):
    for _ in range(n):
        in_thread(short)
some(500)
before = resident()
some(2_000)
after = returns_to(before + 6)
assert after <= before + 6, (before, after)
