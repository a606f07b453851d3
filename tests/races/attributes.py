"""Attributes of one object and of its class."""
from _race import do_race


class C:
    def __init__(self): self.a = self.b = object()
    def method(self): return 1
    @property
    def prop(self): return self.a


o = C()


def grow():
    for i in range(10): setattr(o, f"x{i}", object())


def shrink():
    for i in range(10): delattr(o, f"x{i}")


def new():
    global o
    o = C()


do_race(lambda: setattr(o, "a", object()), lambda: o.a, lambda: o.prop)
do_race(grow, shrink, lambda: list(vars(o).items()))
do_race(grow, new, lambda: o.b)
do_race(lambda: setattr(o, "__dict__", {"a": object(), "b": 2}), lambda: o.a, grow)
do_race(lambda: o.__dict__.clear(), lambda: o.__dict__.update(a=object(), b=object()), lambda: o.a)
do_race(lambda: setattr(C, "method", lambda self: 2), lambda: [o.method() for _ in range(20)])
do_race(lambda: setattr(C, "k", object()), lambda: delattr(C, "k"), lambda: [o.k for _ in range(20)])
do_race(lambda: setattr(C, "a", 1), lambda: delattr(C, "a"), lambda: o.a)


class S:
    __slots__ = ("a", "b")


s = S()
do_race(lambda: setattr(s, "a", object()), lambda: s.a, lambda: delattr(s, "a"))


class D(C): pass
class E(C): pass


do_race(lambda: setattr(o, "__class__", D), lambda: setattr(o, "__class__", E), lambda: [o.method() for _ in range(20)])
class B1:
    def who(self): return 1
class B2:
    def who(self): return 2
class M(B1): pass
m = M()
do_race(lambda: setattr(M, "__bases__", (B2,)), lambda: setattr(M, "__bases__", (B1,)), lambda: [m.who() for _ in range(20)])
do_race(lambda: type("T", (M,), {"x": 1})().x, lambda: M.__subclasses__(), lambda: setattr(M, "x", 3))
