"""Threads that count the same shared objects again and again: these still die, and no earlier than they may."""
import gc
import threading
import time
import weakref


class Node:
    def __init__(self, n):
        self.n = n
        self.name = f"node {n}"


def team(n, f):
    ts = [threading.Thread(target=f, args=(i,)) for i in range(n)]
    for t in ts: t.start()
    for t in ts: t.join()


def eventually(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "not within ten seconds"
        time.sleep(0.001)


nodes = [Node(i) for i in range(200)]
places = [None] * 16
stop = [False]


def keep(i):
    """References to and fro: from shared places to private lists, and to other shared places."""
    total = 0
    while not stop[0]:
        for node in nodes:
            kept = [node, node.name, nodes]
            places[i] = kept[0]
            copies = list(nodes)
            total += kept[0].n
            assert copies[5].name == "node 5" or copies[5].n != 5
    return total


def replace(rounds):
    """Each replaced node dies, once nobody has it any more."""
    gone = []
    for k in range(rounds):
        i = k % len(nodes)
        old = nodes[i]
        ref = weakref.ref(old)
        nodes[i] = Node(i)
        del old
        gone.append(ref)
    return gone


threads = [threading.Thread(target=keep, args=(i,)) for i in range(3)]
for t in threads:
    t.start()
dying = replace(2000)
# The workers may have some of them in their places, but not many.
eventually(lambda: sum(ref() is not None for ref in dying) <= 16)

# Cycles of shared objects that the workers have counted.
cycles = []
for i in range(50):
    a = nodes[i]
    a.me = [a]
    cycles.append(weakref.ref(a))
    nodes[i] = Node(i)
del a


def collected():
    gc.collect()
    return sum(ref() is not None for ref in cycles) <= 16


eventually(collected)
stop[0] = True
for t in threads:
    t.join()
for i in range(len(places)):
    places[i] = None
gc.collect()
eventually(lambda: all(ref() is None for ref in dying))
gc.collect()
assert all(ref() is None for ref in cycles)

# Weak references that are followed while the target dies.
target = Node(0)
ref = weakref.ref(target)
alive = [0] * 4


def follow(i):
    while not stop[0] and (node := ref()) is not None:
        assert node.n == 0 and node.name == "node 0"
        kept = [node, node]
        alive[i] += len(kept)
        del node, kept


stop[0] = False
threads = [threading.Thread(target=follow, args=(i,)) for i in range(4)]
for t in threads:
    t.start()
eventually(lambda: all(alive))
del target
time.sleep(0.02)
stop[0] = True
for t in threads:
    t.join()
eventually(lambda: ref() is None)

# Finalisers run once.
dead = []


class Mortal(Node):
    def __del__(self):
        dead.append(self.n)


mortals = [Mortal(i) for i in range(100)]


def use(i):
    for k in range(100):
        mine = [mortals[k]] * 3
        mine.append(mortals[k])


team(4, use)
mortals.clear()
gc.collect()
eventually(lambda: sorted(dead) == list(range(100)))
