"""Classes, code objects, and functions of modules and classes are freed when nothing reaches them."""

import gc
import sys
import weakref


def dead(*refs):
    gc.collect()
    return [r() is None for r in refs]


# A class, its methods, and what else it holds.
class Simple:
    __slots__ = ("a", "__weakref__")

    def method(self):
        return 1

    @property
    def value(self):
        return 2

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def plain():
        return 3


for _ in range(20):
    s = Simple.make()
    s.a = 1
    assert (s.a, s.method(), s.value, s.plain(), Simple.plain()) == (1, 1, 2, 3, 3)
refs = [weakref.ref(x) for x in (Simple, Simple.method, Simple.value.fget, Simple.plain)]
assert dead(*refs) == [False] * 4
del Simple
assert dead(*refs) == [False] * 4, "an object keeps its class"
method = s.method
del s
assert dead(*refs) == [False] * 4, "a bound method keeps its object"
del method
assert dead(*refs) == [True] * 4


# A function alone keeps the class that its `__class__` cell refers to.
def outer():
    class Inner:
        def me(self):
            return __class__

    return Inner


cls = outer()
ref = weakref.ref(cls)
me = cls.me
del cls
assert dead(ref) == [False]
assert me(None) is ref()
del me
assert dead(ref) == [True]


# Subclasses: a base lives as long as they do, and forgets those that are dead.
class Base:
    pass


class Sub(Base):
    pass


base, sub = weakref.ref(Base), weakref.ref(Sub)
assert Base.__subclasses__() == [Sub]
del Sub
assert dead(base, sub) == [False, True]
assert Base.__subclasses__() == []


class Sub(Base):
    pass


sub = weakref.ref(Sub)
del Base
assert dead(base, sub) == [False, False]
assert Sub.__mro__[1] is base()
del Sub
assert dead(base, sub) == [True, True]


# Descriptors keep their class.
class Owner:
    __slots__ = ("field", "__dict__")


ref = weakref.ref(Owner)
for name in ("field", "__dict__"):
    descriptor = Owner.__dict__[name]
keep = Owner.__dict__["field"]
del Owner, descriptor
assert dead(ref) == [False]
assert keep.__objclass__ is ref()
del keep
assert dead(ref) == [True]


# Generators keep their code and function, running or not.
def make():
    namespace = {}
    exec("def g(n):\n    for i in range(n):\n        yield i\n", namespace)
    return namespace["g"]


g = make()
function, code = weakref.ref(g), weakref.ref(g.__code__)
it = g(3)
assert next(it) == 0
del g
assert dead(function, code) == [False, False]
assert next(it) == 1
fresh = make()(2)
gc.collect()
assert list(fresh) == [0, 1]
assert list(it) == [2]
del it
assert dead(function, code) == [True, True]


# A frame keeps its code, though its function has another one.
def swap():
    swap.__code__ = other.__code__
    gc.collect()
    return sys._getframe().f_code.co_name


def other():
    return "other"


assert swap() == "swap"
assert swap() == "other"


# Finalisers may bring a class back.
class Phoenix:
    def __del__(self):
        global risen
        risen = type(self)

    def shout(self):
        return "here"


p = Phoenix()
p.me = p
ref = weakref.ref(Phoenix)
del Phoenix, p
gc.collect()
# CPython has cleared the weak reference of a class that was garbage, too.
assert ref() in (None, risen)
assert risen().shout() == "here"
gc.collect()
del risen

# Weak references are called back.
called = []
for k in range(5):
    namespace = {}
    exec("class C:\n    def f(self): return C\n", namespace)
    assert namespace["C"]().f() is namespace["C"]
    namespace["r"] = None
    r = weakref.ref(namespace["C"], lambda _, k=k: called.append(k))
    del namespace
    gc.collect()
    assert r() is None
assert called == list(range(5)), called

# Abstract base classes forget them.
import abc


class Abstract(abc.ABC):
    pass


class Virtual:
    pass


Abstract.register(Virtual)
assert isinstance(Virtual(), Abstract) and not isinstance(1, Abstract)
ref = weakref.ref(Virtual)
del Virtual
assert dead(ref) == [True]
for k in range(50):
    cls = type("Fresh", (), {})
    assert not isinstance(cls(), Abstract), k

# An exception that is raised keeps its class; so does its traceback the code.
try:
    exec("class Error(Exception): pass\ndef f():\n    raise Error\nf()", {})
except Exception as e:
    gc.collect()
    assert type(e).__name__ == "Error"
    assert e.__traceback__.tb_next.tb_next.tb_frame.f_code.co_name == "f"

# Sweeps come by themselves: memory does not grow with the number of classes that were there.
source = compile("class A:\n    def __init__(self):\n        self.x = 1\n    def f(self): return self.x\nA().f()\n", "s", "exec")
last = weakref.ref(type("T", (), {}))
alive = []
for _ in range(30000):
    namespace = {}
    exec(source, namespace)
    alive.append(weakref.ref(namespace["A"]))
namespace = None
assert sum(r() is not None for r in alive) < 25000
