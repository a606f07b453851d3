"""Shared garbage cycles of all kinds of objects while threads collect, resurrect, fork and exit.

Every object that was made is dead or reachable at the end, and died once; what is reachable is whole.
"""
import collections
import gc
import os
import sys
import threading
import warnings
import weakref

from _stress import go

# Of forks while threads run. Not around each: a lock of the module may be held by another thread then.
warnings.simplefilter("ignore")
WIDTH = 12
made, died = [], []
shared = [None] * WIDTH
weak = [None] * WIDTH
table = {}
queue = collections.deque(maxlen=50)


class Node:
    def __init__(self, *items):
        self.items = list(items)
        self.mark = 42

    def check(self):
        assert self.mark == 42 and type(self.items) is list, "a node is not whole"


class Slotted:
    __slots__ = ("a", "b", "__weakref__")

    def __init__(self, a, b):
        self.a, self.b = a, b


class Final(Node):
    def __init__(self, *items):
        super().__init__(*items)
        self.dead = 0
        made.append(1)

    def __del__(self):
        self.dead += 1
        assert self.dead == 1, "finalised twice"
        died.append(1)


class Phoenix(Node):
    """Stores itself, and all that it reaches, where others find it."""

    def __del__(self):
        self.check()
        shared[id(self) // 64 % WIDTH] = self


def endless(x):
    while True:
        x = yield x


def ring(r):
    """A cycle through some kinds of containers, sometimes left where others find it."""
    last = first = Node()
    for _ in range(r.randrange(1, 6)):
        kind = r.randrange(10)
        if kind == 0: last = Node(last)
        elif kind == 1: last = Slotted(last, first)
        elif kind == 2: last = [last]
        elif kind == 3: last = {"k": last}
        elif kind == 4: last = (last, first)
        elif kind == 5: last = (lambda y: lambda: y)(last)
        elif kind == 6:
            g = endless(last)
            next(g)
            last = g
        elif kind == 7: last = Final(last)
        elif kind == 8: last = Phoenix(last) if r.random() < 0.2 else Node(last)
        else: last = collections.deque([last])
    first.items.append(last)
    i = r.randrange(WIDTH)
    shared[i] = first
    if r.random() < 0.3: weak[i] = weakref.ref(first)
    if r.random() < 0.2: table[r.randrange(30)] = last
    queue.append(first)
    if r.random() < 0.9: shared[i] = None


def move(r):
    """Takes things out of one container and puts them into another without a copy."""
    a, b = shared[r.randrange(WIDTH)], shared[r.randrange(WIDTH)]
    if isinstance(a, Node) and isinstance(b, Node):
        a.check(), b.check()
        if a.items: b.items.append(a.items.pop())
        if len(b.items) > 5: b.items.clear()


def walk(r):
    x = shared[r.randrange(WIDTH)]
    for _ in range(20):
        if isinstance(x, Node):
            x.check()
            if not x.items: break
            x = x.items[r.randrange(len(x.items))]
        elif isinstance(x, Slotted): x = r.choice((x.a, x.b))
        elif isinstance(x, (list, tuple)) and x: x = x[0]
        elif isinstance(x, dict): x = x.get("k")
        elif isinstance(x, collections.deque) and x: x = x[0]
        elif callable(x): x = x()
        elif hasattr(x, "send"): x = x.send(shared[r.randrange(WIDTH)])
        else: break
    if r.random() < 0.2: shared[r.randrange(WIDTH)] = x


def follow(r):
    f = weak[r.randrange(WIDTH)]
    x = f and f()
    if x is not None:
        x.check()
        shared[r.randrange(WIDTH)] = x


def forget(r):
    shared[r.randrange(WIDTH)] = None
    table.pop(r.randrange(30), None)
    if queue: queue.popleft()


def collect(r):
    if r.random() < 0.1: gc.collect()
    elif r.random() < 0.02: [x.check() for x in gc.get_objects() if type(x) is Node]


def leave(r):
    """Cycles of a thread that exits are shared from then on."""
    if r.random() < 0.05:
        t = threading.Thread(target=lambda: [ring(r) for _ in range(10)])
        t.start()
        t.join()


def fork(r):
    if r.random() < 0.002 and hasattr(os, "fork"):
        pid = os.fork()
        if pid == 0:
            try:
                for _ in range(20): ring(r)
                gc.collect()
                os._exit(0)
            finally:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "the child failed"


go(ring, ring, ring, move, walk, follow, forget, collect, leave, fork)
shared[:] = [None] * WIDTH
table.clear(), queue.clear()
for _ in range(20):
    gc.collect()
    shared[:] = [None] * WIDTH
assert len(died) <= len(made), "something died twice"
if len(died) < len(made):
    print(f"{len(made) - len(died)} of {len(made)} are left", file=sys.stderr)
    sys.exit(1)
