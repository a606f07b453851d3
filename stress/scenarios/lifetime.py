"""Weak references, finalisers and garbage cycles. At the end every object has died exactly once."""
import gc
import weakref

from _stress import go

# A finaliser may run at any point of any thread, so it must not take a lock: appending is whole without one.
made, died = [], []
slots = [None] * 10
weak = [None] * 10
values, group = weakref.WeakValueDictionary(), weakref.WeakSet()


class Counted:
    def __init__(self):
        self.dead = False
        made.append(1)

    def __del__(self):
        assert not self.dead, "finalised twice"
        self.dead = True
        died.append(1)


class Plain: pass


def put(r):
    i = r.randrange(10)
    slots[i] = r.choice((Counted, Plain))()


def refer(r):
    i, j = r.randrange(10), r.randrange(10)
    o = slots[i]
    n = r.randrange(5)
    if n == 0: weak[j] = weakref.ref(o)
    elif n == 1: weak[j] = weakref.ref(o, lambda ref: slots.__setitem__(j, None))
    elif n == 2: values[j] = o
    elif n == 3: group.add(o)
    else: weakref.getweakrefs(o), weakref.getweakrefcount(o)


def follow(r):
    o = weak[r.randrange(10)]()
    if o is not None:
        slots[r.randrange(10)] = o
    list(values.items()), len(group)


def cycle(r):
    a, b = Counted(), Counted()
    a.other, b.other = b, [a]
    if r.random() < 0.3: slots[r.randrange(10)] = a


def hold(r):
    slots[r.randrange(10)].held = slots[r.randrange(10)]


def drop(r):
    slots[r.randrange(10)] = None
    if r.random() < 0.01: gc.collect()


go(put, put, refer, refer, follow, cycle, hold, drop)
slots.clear()
weak.clear()
for _ in range(3): gc.collect()
assert len(died) <= len(made), "something died twice"
