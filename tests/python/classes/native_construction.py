"""What a call of a native class gives does not depend on how it is called, and follows the class as it is now."""

import sys


def many(f, n=40):
    return [f() for _ in range(n)][-1]


# Exact types, with arguments of their own type and of others.
source = [1, 2, 3]
assert many(lambda: tuple(source)) == (1, 2, 3)
assert many(lambda: tuple("ab")) == ("a", "b")
assert many(lambda: tuple()) == ()
t = (1, 2)
assert many(lambda: tuple(t)) is t
copy = many(lambda: list(source))
assert copy == source and copy is not source
assert many(lambda: list(t)) == [1, 2]
assert many(lambda: list()) == []
assert many(lambda: list({1: 2})) == [1]
assert many(lambda: set("aab")) == {"a", "b"}
f = frozenset("ab")
assert many(lambda: frozenset(f)) is f
assert many(lambda: frozenset()) == frozenset()
assert many(lambda: str(7)) == "7" and many(lambda: str()) == ""
assert many(lambda: str(b"x", "ascii")) == "x"
assert many(lambda: int("12")) == 12 and many(lambda: int()) == 0 and many(lambda: int("z", 36)) == 35
assert many(lambda: float("1.5")) == 1.5 and many(lambda: float()) == 0.0
d = {"a": 1}
again = many(lambda: dict(d))
assert again == d and again is not d
assert many(lambda: dict()) == {} and many(lambda: dict([("k", 2)])) == {"k": 2}
assert many(lambda: dict(d, b=2)) == {"a": 1, "b": 2}
assert list(many(lambda: range(3))) == [0, 1, 2] and list(many(lambda: range(1, 3))) == [1, 2]
assert list(many(lambda: range(4, 0, -2))) == [4, 2]
assert many(lambda: type(1)) is int
assert many(lambda: KeyError("k")).args == ("k",)
assert many(lambda: Exception()).args == ()
assert many(lambda: StopIteration(5)).value == 5


def fails(kind, f):
    for _ in range(40):
        try:
            f()
        except kind as e:
            last = str(e)
        else:
            raise AssertionError("no " + kind.__name__)
    return last


assert fails(TypeError, lambda: tuple(1)) == "'int' object is not iterable"
assert fails(TypeError, lambda: list(1, 2)) == "list expected at most 1 argument, got 2"
assert fails(TypeError, lambda: tuple(iterable=1)) == "tuple() takes no keyword arguments"
assert fails(TypeError, lambda: KeyError(a=1)) == "KeyError() takes no keyword arguments"
assert fails(TypeError, lambda: type(1, 2)) == "type() takes 1 or 3 arguments"
assert fails(ValueError, lambda: int("x")) == "invalid literal for int() with base 10: 'x'"


# Classes that inherit: with nothing of their own, with their own, and with what they get later.
def check(base, argument):
    class Plain(base):
        pass

    class Init(base):
        def __init__(self, *args):
            self.seen = args

    class New(base):
        def __new__(cls, *args):
            self = super().__new__(cls, *args)
            self.made = True
            return self

    class Late(base):
        pass

    class Heir(Late):
        pass

    for _ in range(40):
        p = Plain(argument)
        assert type(p) is Plain and p.__dict__ == {}, p
        i = Init(argument)
        assert type(i) is Init and i.seen == (argument,)
        n = New(argument)
        assert type(n) is New and n.made
        h = Heir(argument)
        assert type(h) is Heir and not hasattr(h, "late")

    def init(self, *args):
        self.late = args

    Late.__init__ = init
    for _ in range(40):
        assert Heir(argument).late == (argument,) and Late(argument).late == (argument,)
    del Late.__init__
    for _ in range(40):
        assert not hasattr(Heir(argument), "late")

    class Meta(type):
        def __call__(cls, *args):
            return ("meta", args)

    class Odd(base, metaclass=Meta):
        pass

    for _ in range(40):
        assert Odd(argument) == ("meta", (argument,))


for base, argument in [
    (tuple, [1]), (list, (1,)), (set, "a"), (frozenset, "a"), (str, 1), (int, 1), (float, 1), (dict, {1: 2}),
    (KeyError, 1), (Exception, 1), (StopIteration, 1),
]:
    check(base, argument)


class Both(KeyError, IndexError):
    pass


assert many(lambda: Both("x")).args == ("x",)


class Mixin:
    def __init__(self, *args):
        self.mixed = args


class First(Mixin, ValueError):
    pass


assert many(lambda: First(1)).mixed == (1,)


# Few items are sorted by another way than many.
for n in (0, 1, 2, 5, 9, 10, 11, 30):
    for items in (
        [(7 * i) % 11 for i in range(n)], [str((7 * i) % 11) for i in range(n)], [((7 * i) % 11) / 2 for i in range(n)],
        [(7 * i) % 3 == 0 for i in range(n)],
    ):
        pairs = list(enumerate(items))
        by = sorted(pairs, key=lambda p: p[1])
        down = sorted(pairs, key=lambda p: p[1], reverse=True)
        for (i, a), (j, b) in zip(by, by[1:]):
            assert a < b or a == b and i < j, by
        for (i, a), (j, b) in zip(down, down[1:]):
            assert a > b or a == b and i < j, down
        assert sorted(items) == [x for _, x in by]
        assert sorted(items, reverse=True) == [x for _, x in down]


class Asked:
    asked = 0

    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        Asked.asked += 1
        return self.n < other.n


assert [x.n for x in sorted(map(Asked, [3, 1, 2]))] == [1, 2, 3] and Asked.asked > 0
assert fails(TypeError, lambda: sorted([1, "a"])) == "'<' not supported between instances of 'str' and 'int'"
changing = [3, 2, 1]
assert fails(ValueError, lambda: changing.sort(key=lambda x: changing.append(x) or x)) == "list modified during sort"

assert max({1: 2, 3: 4}) == 3 and min([2, 1.0, 1]) == 1.0 and max(1, 2, 3) == 3 and min("b", "a") == "a"
assert max([], default=None) is None and max("a", "bb", key=len) == "bb" and min(["aa", "b", "c"], key=len) == "b"
assert fails(TypeError, lambda: max()) == "max expected at least 1 argument, got 0"
assert fails(ValueError, lambda: max(())) == "max() iterable argument is empty"
assert fails(TypeError, lambda: max(1, 2, default=3)) == (
    "Cannot specify a default for max() with multiple positional arguments")

one = "".join(["ab"])
assert one == "ab" and "-".join(["a", "b"]) == "a-b" and "-".join(["a", "\u20ac"]) == "a-\u20ac"
assert "\u20ac".join(["a", "b", "\xe9"]) == "a\u20acb\u20ac\xe9" and "".join([]) == "" and "x".join(["a"] * 40) == "x".join(("a",) * 40)
assert fails(TypeError, lambda: "".join(["a", 1])) == "sequence item 1: expected str instance, int found"

s = sys.intern("some text")
assert ("%s" % s) is s and "%s" % (s,) == s and "%s%%" % "a" == "a%"


# The cleanup of a handler keeps what was handled, and the lines.
def nested(x):
    try:
        {}[x]
    except KeyError:
        raise LookupError(x) from None


def outer(x):
    try:
        nested(x)
    except LookupError as e:
        return e


for _ in range(5):
    e = outer(1)
    assert sys.exception() is None
    assert type(e.__context__) is KeyError and e.__suppress_context__
    lines = []
    t = e.__traceback__
    while t:
        lines.append((t.tb_frame.f_code.co_name, t.tb_lineno - t.tb_frame.f_code.co_firstlineno))
        t = t.tb_next
    assert lines == [("outer", 2), ("nested", 4)], lines
    assert e.__traceback__.tb_next.tb_frame.f_lineno - nested.__code__.co_firstlineno == 4
print("ok")
