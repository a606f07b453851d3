"""Classes, functions and code come and go while threads use, collect, change and resurrect them.

What is reachable works; what a thread has made and dropped is dead at the end.
"""
import abc
import gc
import sys
import threading
import weakref

from _stress import go

WIDTH = 8
shared = [None] * WIDTH
functions = [None] * WIDTH
generators = [None] * WIDTH
alive = []


class Root:
    def who(self):
        return "root"


class Abstract(abc.ABC):
    pass


SOURCE = """
class Made(Base):
    limit = N
    def __init__(self, n): self.n = n
    def who(self): return "made", self.n, super().who()
    @property
    def twice(self): return self.n * 2
    @classmethod
    def make(cls): return cls(cls.limit)
    @staticmethod
    def plain(x): return x
    def __eq__(self, other): return self is other
    __hash__ = None
def count(n):
    for i in range(n): yield i, Made
def use(x=Made): return x.make().twice
"""
CODE = compile(SOURCE, "made", "exec")


def base(r):
    b = shared[r.randrange(WIDTH)]
    # Not deeper and deeper.
    return b if b is not None and len(b.__mro__) < 5 and r.random() < 0.3 else Root


def make(r):
    namespace = {"Base": base(r), "N": r.randrange(100)}
    exec(CODE if r.random() < 0.7 else compile(SOURCE, "made", "exec"), namespace)
    cls, i = namespace["Made"], r.randrange(WIDTH)
    if r.random() < 0.2: alive.append(weakref.ref(cls))
    shared[i] = cls
    functions[i] = r.choice((namespace["use"], cls.who, cls.make, cls.plain, cls(3).who))
    generators[i] = namespace["count"](5)


def closure(r):
    """A class in a cycle through a cell, an instance and itself."""
    class Local(base(r)):
        def __init__(self, n=1): self.n, self.other = n, Local
        def who(self): return "local", __class__
        make = classmethod(lambda cls: cls())
        twice = property(lambda self: self.n * 2)
        plain = staticmethod(lambda x: x)
    Local.instance = Local()
    assert Local.instance.who() == ("local", Local) and Local.make().twice == 2
    shared[r.randrange(WIDTH)] = Local


def use(r):
    cls = shared[r.randrange(WIDTH)]
    if cls is None: return
    x = cls.make()
    assert x.twice == x.n * 2 and cls.plain(7) == 7 and isinstance(x, Root)
    assert x.who()[0] in ("made", "local")
    assert cls in cls.__mro__ and issubclass(cls, Root)


def call(r):
    f = functions[r.randrange(WIDTH)]
    if f is None: return
    name = f.__name__
    if name == "use": assert f() % 2 == 0
    elif name == "make": assert f().twice % 2 == 0
    elif name == "plain": assert f(5) == 5
    elif hasattr(f, "__self__"): assert f()[0] == "made"
    assert f.__code__.co_filename == "made"


def resume(r):
    i = r.randrange(WIDTH)
    g = generators[i]
    try:
        if g is not None: assert next(g)[1].make().n >= 0
    except StopIteration: generators[i] = None
    except ValueError as e: assert "already executing" in str(e)


def change(r):
    f = functions[r.randrange(WIDTH)]
    cls = shared[r.randrange(WIDTH)]
    n = r.randrange(4)
    if n == 0 and cls is not None: cls.extra = lambda self: cls
    elif n == 1 and cls is not None: Abstract.register(cls)
    elif n == 2 and cls is not None: assert isinstance(cls.make(), Abstract) in (True, False)
    elif n == 3 and f is not None and f.__name__ == "use":
        g = functions[r.randrange(WIDTH)]
        if g is not None and g.__name__ == "use": f.__code__ = g.__code__


def phoenix(r):
    class Bird(Root):
        def __del__(self): shared[self.place] = type(self).nest
    class Nest(Root):
        bird = Bird
        def __init__(self): self.n = 1
        def who(self): return "made", self
        make = classmethod(lambda cls: cls())
        twice = property(lambda self: self.n * 2)
        plain = staticmethod(lambda x: x)
    Bird.nest = Nest
    b = Bird()
    b.me, b.place = b, r.randrange(WIDTH)


def forget(r):
    i = r.randrange(WIDTH)
    r.choice((shared, functions, generators))[i] = None
    Root.__subclasses__()


def collect(r):
    if r.random() < 0.1: gc.collect()


def leave(r):
    if r.random() < 0.05:
        t = threading.Thread(target=lambda: [make(r), use(r), closure(r)])
        t.start()
        t.join()


go(make, make, closure, use, use, call, call, resume, change, phoenix, forget, forget, collect, leave)
for _ in range(3):
    for things in (shared, functions, generators): things[:] = [None] * WIDTH
    gc.collect()
left = sum(r() is not None for r in alive)
if left:
    print(f"{left} of {len(alive)} classes are left", file=sys.stderr)
    sys.exit(1)
