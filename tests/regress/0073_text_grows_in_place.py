"""`s += t` takes constant time in the mean where nobody else has s, and changes no text that somebody else has."""
import sys
import time


def grow(n, piece):
    s = ""
    for _ in range(n):
        s += piece
    return s


began = time.monotonic()
assert len(grow(1_000_000, "x")) == 1_000_000
# Copied each time, it takes a minute.
assert time.monotonic() - began < 20


def long_and(other):
    s = "a" * 2000
    s += "b"
    keep = s
    s += other
    assert keep == "a" * 2000 + "b", "somebody else has it"
    s += other
    d = {s: 1}
    before = hash(s)
    s += other
    assert s not in d and hash(s) != before and len(next(iter(d))) == 2001 + 2 * len(other)
    del d
    s = s + other
    s += s
    assert s == ("a" * 2000 + "b" + other * 4) * 2
    before = hash(s)
    s += "!"
    assert hash(s) != before and hash(s) == hash("".join(list(s)))
    return s


for other in ("c", "\xe9" * 3, "\u0151\u0171", "\U0001f600", "y" * 5000):
    s = long_and(other)
    assert s.isascii() == other.isascii()
    assert s[:-1].endswith(other) and s.encode("utf-8", "surrogatepass").decode() == s


def widths():
    s = "\u0151" * 1000
    for i in range(3000):
        s += "a"
        s += "\xe9\u0171"
    assert len(s) == 10_000 and s[1000:1003] == "a\xe9\u0171" and s[-1] == "\u0171"
    s += "\U0001f600"
    for i in range(3000):
        s += "a\xe9\u0171\U0001f600"
    assert len(s) == 22_001 and s.count("\U0001f600") == 3001 and max(s) == "\U0001f600"
    return s


assert widths()[1:] == widths()[1:]


def aliases():
    s = "p" * 3000
    s += "q"
    seen = []
    for part in ("r", "s"):
        seen.append(s)
        t = s
        s += part
        assert t is seen[-1]
    assert [len(x) for x in seen] == [3001, 3002] and seen[0] == "p" * 3000 + "q"
    # Iterators, slices and methods keep what they were made of.
    it = iter(s)
    s += "t"
    assert sum(1 for _ in it) == 3003
    here = sys._getframe().f_locals["s"]
    s += "u"
    assert len(here) == 3004 and len(s) == 3005
    add = s.__add__
    s += "v"
    assert len(add("")) == 3005
    return s


aliases()


def of_generator():
    s = "g" * 2000
    while True:
        s += "h"
        yield s


g = of_generator()
first, second = next(g), next(g)
assert (len(first), len(second)) == (2001, 2002)


def fails():
    s = "f" * 2000
    s += "g"
    try:
        s += 1
    except TypeError as e:
        assert str(e) == 'can only concatenate str (not "int") to str', e
    assert s == "f" * 2000 + "g"


fails()


class Text(str):
    def __add__(self, other): return "own"


def subclass():
    s = Text("t" * 2000)
    s += "u"
    return s


assert subclass() == "own"
intern = sys.intern(grow(2000, "i"))
assert sys.intern("i" * 2000) is intern


def interned(s):
    s += "j"
    t = s
    del s
    return t


assert interned(intern)[:-1] == intern and len(intern) == 2000
