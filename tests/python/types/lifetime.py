"""When objects die: finalisers, weak references, cycles."""
import gc
import sys
import weakref

log = []


class Noisy:
    def __init__(self, name): self.name = name
    def __del__(self): log.append(self.name)


Noisy("at once")
assert log == ["at once"]
x = Noisy("rebound")
x = None
l = [Noisy("in a list")]
l.clear()
d = {"k": Noisy("in a dict")}
del d["k"]


def local():
    n = Noisy("local")


local()


def argument(n): pass


argument(Noisy("argument"))
(Noisy("in a tuple"),)
assert log[1:] == ["rebound", "in a list", "in a dict", "local", "argument", "in a tuple"], log

log.clear()
try:
    n = Noisy("kept by the traceback")
    def raising(n): 1 / 0
    raising(n)
except ZeroDivisionError as e:
    n = None
    assert log == []
assert log == ["kept by the traceback"]


class Phoenix:
    def __del__(self):
        log.append("down")
        saved.append(self)


log.clear()
saved = []
Phoenix()
assert log == ["down"] and len(saved) == 1
saved.clear()
assert log == ["down"], "a finaliser runs once"

o = Noisy("weak")
called = []
r = weakref.ref(o, called.append)
assert r() is o and weakref.getweakrefcount(o) == 1 and weakref.ref(o) is weakref.ref(o)
proxy = weakref.proxy(o)
assert proxy.name == "weak"
del o
assert r() is None and called == [r]
try:
    proxy.name
except ReferenceError as e:
    assert str(e) == "weakly-referenced object no longer exists"
w = weakref.WeakValueDictionary()
o = Noisy("value")
w["k"] = o
s = weakref.WeakSet([o])
k = weakref.WeakKeyDictionary({o: 1})
del o
assert len(w) == len(s) == len(k) == 0
try:
    weakref.ref(1)
except TypeError as e:
    assert str(e) == "cannot create weak reference to 'int' object"

log.clear()
a, b = Noisy("cycle a"), Noisy("cycle b")
a.other, b.other = b, a
r = weakref.ref(a)
del a, b
gc.collect()
assert r() is None and sorted(log) == ["cycle a", "cycle b"], log

log.clear()
done = weakref.finalize(f := Noisy("f"), log.append, "finalized")
assert done.alive
del f
assert sorted(log) == ["f", "finalized"] and not done.alive


def deep(n):
    x = None
    for _ in range(n):
        x = [x]
    return x


deep(200_000)


class Link:
    def __init__(self, next): self.next = next


x = None
for _ in range(200_000):
    x = Link(x)
x = None
assert sys.getrefcount(object()) >= 1
