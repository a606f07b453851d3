# Calls of classes with a `__new__` in Python.
import collections


class Plain:
    def __new__(cls, a, b=2):
        self = super().__new__(cls)
        self.a, self.b = a, b
        return self


def make(*args):
    return Plain(*args)


for _ in range(50):
    p = Plain(1)
    assert type(p) is Plain and (p.a, p.b) == (1, 2)
    q = Plain(3, 4)
    assert (q.a, q.b) == (3, 4)


def expect(error, text, f, *args):
    for _ in range(3):
        try:
            f(*args)
        except error as e:
            assert text in str(e), e
        else:
            raise AssertionError(f)


expect(TypeError, "missing 1 required positional argument: 'a'", lambda: Plain())
expect(TypeError, "takes from 2 to 3 positional arguments but 4 were given", lambda: Plain(1, 2, 3))


# What `__new__` gives decides whose `__init__` runs.
class Base:
    def __new__(cls, what, *rest):
        if what == "other":
            return 42
        if what == "sub":
            return object.__new__(Derived)
        if what == "sub without":
            return object.__new__(Quiet)
        if what == "error":
            raise ValueError(what)
        return object.__new__(cls)


class Derived(Base):
    def __init__(self, *args):
        self.args = args


class Quiet(Base):
    pass


def site(what):
    return Base(what)


for _ in range(5):
    assert type(site("plain")) is Base
    assert site("other") == 42
    d = site("sub")
    assert type(d) is Derived and d.args == ("sub",)
    assert type(site("sub without")) is Quiet
    try:
        site("error")
    except ValueError as e:
        assert str(e) == "error"
    else:
        raise AssertionError
assert Derived("x").args == ("x",)


# `__init__` that comes while `__new__` runs, and afterwards.
class Late:
    def __new__(cls, n):
        if n == 3:
            cls.__init__ = lambda self, n: setattr(self, "n", n)
        return object.__new__(cls)


got = [Late(n) for n in range(6)]
assert [hasattr(x, "n") for x in got] == [False, False, False, True, True, True]


# `__new__` that is replaced.
class Replaced:
    def __new__(cls):
        return object.__new__(cls)


def replaced():
    return Replaced()


for _ in range(3):
    assert type(replaced()) is Replaced
Replaced.__new__ = staticmethod(lambda cls: "text")
assert replaced() == "text"
del Replaced.__new__
assert type(replaced()) is Replaced


# A bad `__init__` of a subclass.
class Bad(Base):
    def __init__(self, *args):
        raise KeyError(args)


class Gives(Base):
    def __new__(cls, x):
        return object.__new__(Bad)


class Wrong:
    def __new__(cls):
        return object.__new__(WrongInit)


class WrongInit(Wrong):
    def __init__(self):
        return 1


expect(TypeError, "__init__() should return None", lambda: Wrong())


# Arguments live as long as they should, and no longer.
class Counted:
    alive = 0

    def __init__(self):
        Counted.alive += 1

    def __del__(self):
        Counted.alive -= 1


class Keeps:
    def __new__(cls, x):
        del x
        return object.__new__(cls)


for _ in range(5):
    Keeps(Counted())
    assert Counted.alive == 0, Counted.alive


# From generators, through methods and modules, with *args.
class Space:
    P = Plain


def generator():
    for i in range(5):
        yield Plain(i)
        yield Space.P(i, i)
        yield make(i)


assert [p.a for p in generator()] == [i for i in range(5) for _ in range(3)]


# Tuples.
class T(tuple):
    def __new__(cls, *args):
        return tuple.__new__(cls, args)


class D(tuple):
    def __new__(cls, x=(), **kw):
        kw["n"] = 1
        return tuple.__new__(cls, x)


N = collections.namedtuple("N", "x y")
for i in range(5):
    assert T(1, 2) == (1, 2) and type(T()) is T
    assert D() == () and D([i]) == (i,)
    assert N(1, i) == (1, i) and N(1, i)._replace(x=3) == (3, i)
expect(TypeError, "missing 1 required positional argument: 'y'", lambda: N(1))


# A metaclass that watches.
class Meta(type):
    def __call__(cls, *args):
        return ("called", args)


class M(metaclass=Meta):
    def __new__(cls, a):
        raise AssertionError


assert [M(1) for _ in range(3)] == [("called", (1,))] * 3


# Depth.
class Deep:
    def __new__(cls, n):
        if n:
            return Deep(n - 1)
        return object.__new__(cls)


assert type(Deep(300)) is Deep


class Endless:
    def __new__(cls):
        return Endless()


try:
    Endless()
except RecursionError:
    pass
else:
    raise AssertionError
