# Threads that drop faster than memory can be freed wait for it.
import threading, time

def resident():
    "MiB"
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4 / 1024

class Node:
    __slots__ = ("a", "b")
    def __init__(self):
        self.a = self.b = None

def nodes(i):
    # Shared when they are dropped: another thread may read them.
    global here
    for _ in range(60):
        here = [Node() for _ in range(2000)]

def buffers(i):
    global here
    for _ in range(800):
        here = [None] * 50_000

def tables(i):
    global here
    for _ in range(60):
        here = {i: Node() for i in range(2000)}

def texts(i):
    global here
    for n in range(2000):
        here = "x" * 400_000 + str(n)

most = 0
def watch():
    global most
    while not done:
        most = max(most, resident())
        time.sleep(0.002)

for work in (nodes, buffers, tables, texts):
    here = None
    done = False
    most = 0
    before = resident()
    w = threading.Thread(target=watch)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    w.start()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    done = True
    w.join()
    here = None
    assert most < before + 400, (work.__name__, before, most)
    end = time.monotonic() + 20
    while resident() > before + 30 and time.monotonic() < end:
        time.sleep(0.05)
    assert resident() <= before + 30, (work.__name__, before, most, resident())
