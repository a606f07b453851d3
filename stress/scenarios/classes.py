"""Classes that change while their instances are used."""
from _stress import go


class Base:
    tag = "base"
    def who(self): return "base"


class Other:
    def who(self): return "other"


class Mid(Base): pass


class Leaf(Mid):
    def __init__(self): self.v = 1


class Twin(Mid):
    def __init__(self): self.v = 2


objects = [Leaf() for _ in range(4)] + [Twin() for _ in range(4)]


def call(r):
    o = r.choice(objects)
    for _ in range(10):
        assert o.who() in ("base", "other", "new", "own")


def change(r):
    n = r.randrange(9)
    c = r.choice((Base, Mid, Leaf))
    if n == 0: Mid.__bases__ = (r.choice((Base, Other)),)
    elif n == 1: c.who = lambda self: "new"
    elif n == 2: del c.who
    elif n == 3: c.tag = r.random()
    elif n == 4: r.choice(objects).__class__ = r.choice((Leaf, Twin))
    elif n == 5: r.choice(objects).who = lambda: "own"
    elif n == 6: del r.choice(objects).who
    elif n == 7: c.__len__ = lambda self: 3
    else: del c.__len__


def special(r):
    o = r.choice(objects)
    try:
        assert len(o) == 3
    except TypeError:
        pass


def make(r):
    T = type("T", (r.choice((Leaf, Mid)),), {"z": 5, "__slots__": ()} if r.random() < 0.5 else {"z": 5})
    assert T().z == 5 and issubclass(T, Mid)
    Mid.__subclasses__(), Leaf.__mro__, Base.__dict__.get("who")
    objects[r.randrange(8)] = r.choice((Leaf, Twin))()


go(call, change, special, make)
