"""Arguments of calls: every way to give them, and the errors."""


def raises(error, message, f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError("nothing raised")


def every(a, b=2, *c, d=4, **e):
    return (a, b, c, d, e)


assert every(1) == (1, 2, (), 4, {})
assert every(1, 3, 5, 6, d=7, x=8) == (1, 3, (5, 6), 7, {"x": 8})
assert every(b=1, a=2) == (2, 1, (), 4, {})
assert every(*[1, 2, 3], **{"d": 5, "q": 6}) == (1, 2, (3,), 5, {"q": 6})
assert every(*(1,), b=3) == (1, 3, (), 4, {})


def positional(a, /, **k):
    return a, k


assert positional(1, a=2) == (1, {"a": 2})


def named(a, *, b, c=3):
    return a, b, c


assert named(1, b=2) == (1, 2, 3)
assert named(c=5, b=2, a=0) == (0, 2, 5)
raises(TypeError, "named() missing 1 required keyword-only argument: 'b'", lambda: named(1))
raises(TypeError, "named() missing 1 required positional argument: 'a'", lambda: named())
raises(TypeError, "named() got multiple values for argument 'a'", lambda: named(1, b=1, a=2))
raises(TypeError, "named() got an unexpected keyword argument 'z'", lambda: named(1, b=1, z=2))
named.__kwdefaults__ = None
raises(TypeError, "named() missing 1 required keyword-only argument: 'c'", lambda: named(1, b=2))


class Finalised:
    made = []

    def __init__(self, x, y=1, *, z=2, **k):
        self.t = (x, y, z, k)

    def method(self, *a, **k):
        return a, k

    def __del__(self, made=made):
        made.append(self)


assert Finalised(1).t == (1, 1, 2, {})
assert Finalised(1, z=5, q=6).t == (1, 1, 5, {"q": 6})
assert Finalised(x=1).t == (1, 1, 2, {})
assert Finalised(*(1, 2), **{"z": 9}).t == (1, 2, 9, {})
assert len(Finalised.made) == 4
# One object for each attempt, not more.
raises(TypeError, "Finalised.__init__() missing 1 required positional argument: 'x'", lambda: Finalised())
assert len(Finalised.made) == 5
bound = Finalised(0).method
assert bound(1, 2, c=3) == ((1, 2), {"c": 3})
assert bound(*[1], **{}) == ((1,), {})


class Swallows:
    def __init__(*args, **kwargs):
        args[0].args, args[0].kwargs = args, kwargs


for i in range(70):
    keys = {f"k{j}": j for j in range(i % 16)}
    s = Swallows(*range(i), **keys)
    assert s.args[0] is s and s.args[1:] == tuple(range(i)) and s.kwargs == keys
s = Swallows(1, q=2)
assert s.args == (s, 1) and s.kwargs == {"q": 2}
raises(TypeError, "keywords must be strings", lambda: Swallows(**{1: 2}))


def deep(*a, **k):
    return deep(*a, **k)


try:
    deep(1, b=2)
except RecursionError:
    pass
else:
    raise AssertionError


class Inherits(Finalised):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)


assert Inherits(1, z=3).t == (1, 1, 3, {})

# Names that are not interned are compared by their text.
long = "a" + "ä" * 70
space = {}
exec(f"def f({long}=1, **kw): return {long}, kw\nr = f({long}=7)", space)
assert space["r"] == (7, {})
assert space["f"](**{long: 8}) == (8, {})
assert space["f"](**{"".join(["a", "ä" * 70]): 9}) == (9, {})


def many(*, a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8, i=9, j=10, k=11, l=12, m=13):
    return a + m


assert many() == 14 and many(m=1) == 2 and many(a=0, m=0) == 0


# Keywords of native functions.
assert sorted([3, 1], reverse=True, key=None) == [3, 1]
assert "a,b".split(maxsplit=1, sep=",") == ["a", "b"]
assert dict(a=1, b=2) == {"a": 1, "b": 2} and dict([("a", 0)], a=1) == {"a": 1}
assert int("11", base=2) == 3
d = {}
d.update([("x", 1)])
d.update({"y": 2}, z=3)
assert d == {"x": 1, "y": 2, "z": 3}
raises(TypeError, "sort() got an unexpected keyword argument 'order'", lambda: [].sort(order=1))


# Static methods through classes, instances and caches.
class Static:
    @staticmethod
    def f(x=1):
        return x

    g = staticmethod(len)


def use(o):
    return [o.f(), o.f(5), o.g("abc")]


for o in (Static, Static(), Static, Static()):
    for _ in range(3):
        assert use(o) == [1, 5, 3]
Static.f = staticmethod(lambda x=1: -x)
assert use(Static) == [-1, -5, 3] and use(Static()) == [-1, -5, 3]
o = Static()
o.f = lambda x=1: "own"
assert use(o) == ["own", "own", 3]
print("OK")

# Descriptors of native types, called themselves and with names.
assert str.split("a b", maxsplit=1) == ["a", "b"] and "a b c".split(maxsplit=1) == ["a", "b c"]
assert int.__dict__["from_bytes"](int, b"a", byteorder="big") == 97 and int.from_bytes(bytes=b"a", byteorder="big") == 97
for wrong in (lambda: str.split(maxsplit=1), lambda: str.split(3, maxsplit=1), lambda: int.__dict__["from_bytes"](3, b"a", byteorder="big")):
    try:
        wrong()
    except TypeError:
        pass
    else:
        raise AssertionError("nothing raised")
