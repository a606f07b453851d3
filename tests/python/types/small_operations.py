# Small operations that have short ways for frequent cases: what they give in the other cases.
import collections
import enum
import functools
import io
import json
import math
import random
import re
import struct
import threading
import weakref


def raises(error, f, *args, text=None, **kw):
    try:
        f(*args, **kw)
    except error as e:
        assert type(e) is error, e
        if text is not None:
            assert str(e) == text, (str(e), text)
    else:
        raise AssertionError(f"{f} gave no {error}")


# Calls of iterators.
assert list(enumerate("ab")) == [(0, "a"), (1, "b")]
assert list(enumerate("ab", 2**62 - 1)) == [(2**62 - 1, "a"), (2**62, "b")]
assert list(enumerate("ab", 2**64)) == [(2**64, "a"), (2**64 + 1, "b")]
assert list(enumerate(iterable="a", start=True)) == [(1, "a")]
raises(TypeError, enumerate)
raises(TypeError, enumerate, 1, text="'int' object is not iterable")
raises(TypeError, enumerate, [], 1.5)
raises(TypeError, enumerate, [], 1, 2)
assert list(zip()) == [] and list(zip("ab")) == [("a",), ("b",)]
assert list(zip("ab", [1, 2, 3])) == [("a", 1), ("b", 2)]
assert list(zip("ab", "cd", "ef")) == [("a", "c", "e"), ("b", "d", "f")]
raises(TypeError, zip, [], 3, text="'int' object is not iterable")
raises(ValueError, lambda: list(zip("a", "bc", strict=True)), text="zip() argument 2 is longer than argument 1")
assert list(map(str, [1, 2])) == ["1", "2"] and list(map(max, [1, 5], [3, 4], [0, 9])) == [3, 9]
raises(TypeError, map, str, text="map() must have at least two arguments.")
raises(TypeError, map)
assert list(filter(None, [0, 1, "", "x"])) == [1, "x"] and list(filter(lambda x: x > 1, [1, 2])) == [2]
raises(TypeError, filter, None)
raises(TypeError, filter, None, 1)
assert list(reversed([1, 2])) == [2, 1] and list(reversed("äb")) == ["b", "ä"] and list(reversed({1: 2, 3: 4})) == [3, 1]
raises(TypeError, reversed, {1}, text="'set' object is not reversible")
raises(TypeError, reversed)
raises(TypeError, reversed, [], [])


class Backwards:
    def __reversed__(self):
        return "given"


assert reversed(Backwards()) == "given"
for base, args in [(enumerate, ("ab",)), (zip, ("ab", "cd")), (map, (str, "ab")), (filter, (None, "ab")), (reversed, ("ab",))]:

    class Sub(base):
        pass

    class Init(base):
        def __init__(self, *args):
            self.args = args

    class New(base):
        def __new__(cls, *args):
            r = super().__new__(cls, *args)
            r.made = True
            return r

    assert type(Sub(*args)) is Sub and list(Sub(*args)) == list(base(*args))
    assert Init(*args).args == args and list(Init(*args)) == list(base(*args))
    assert New(*args).made and type(New(*args)) is New
    assert type(base(*args).__reduce__()[0]) is type

# Iteration that notices changes.
for make, text in [
    (lambda: {1: 2, 3: 4}, "dictionary changed size during iteration"),
    (lambda: {1, 3}, "Set changed size during iteration"),
]:
    c = make()
    it = iter(c)
    next(it)
    c.pop(1) if isinstance(c, dict) else c.discard(1)
    raises(RuntimeError, next, it, text=text)
    raises(RuntimeError, next, it, text=text)
    it = iter(make())
    assert len(list(it)) == 2 and list(it) == [] and next(it, None) is None
d = {1: 2}
it = iter(d)
next(it)
del d[1]
d[5] = 6
raises(RuntimeError, next, it, text="dictionary keys changed during iteration")
d = {i: str(i) for i in range(50)}
del d[7], d[49]
assert list(d) == [i for i in range(49) if i != 7] and list(d.items()) == [(i, str(i)) for i in range(49) if i != 7]
assert list(d.values()) == [str(i) for i in d] and sorted(d, reverse=True)[0] == 48 and tuple(d.items())[0] == (0, "0")
assert list({}) == [] and list({}.items()) == [] and list(set()) == [] and list(frozenset([3])) == [3]
assert list(reversed(d.items()))[0] == (48, "48") and list(reversed(d.values()))[-1] == "0"


class D(dict):
    def __iter__(self):
        return iter("own")


assert list(D(a=1)) == ["o", "w", "n"] and list(D(a=1).keys()) == ["a"] and sorted(D(a=1)) == ["n", "o", "w"]


class S(set):
    def __iter__(self):
        return iter("own")


assert list(S([1])) == ["o", "w", "n"]
shared = {i: i for i in range(100)}
out = []
threads = [threading.Thread(target=lambda: out.append((list(shared), list(shared.items())))) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
assert out == [(list(range(100)), [(i, i) for i in range(100)])] * 3

# Lists.
assert [1, 2, 3] * 2 == [1, 2, 3, 1, 2, 3] and 2 * ["ä", []] == ["ä", [], "ä", []]
assert [1] * 0 == [] and [1] * -5 == [] and [] * 5 == [] and [1] * True == [1] and [None] * 1000 == [None for _ in range(1000)]
x = []
assert all(y is x for y in [x] * 10)
raises(MemoryError, lambda: [1, 2] * (1 << 61))
raises(OverflowError, lambda: [1] * (1 << 100), text="cannot fit 'int' into an index-sized integer")
raises(TypeError, lambda: [1] * "a", text="can't multiply sequence by non-int of type 'str'")


class L(list):
    pass


class Times:
    def __rmul__(self, other):
        return "mine"


assert type(L([1]) * 2) is list and [1] * Times() == "mine"
for n in [0, 1, 2, 5, 100]:
    l = [(i * 7919) % 101 - 50 for i in range(n)]
    for reverse in [False, True]:
        a = list(l)
        assert a.sort(reverse=reverse) is None
        assert all((p >= q) if reverse else (p <= q) for p, q in zip(a, a[1:])) and len(a) == n
l = [3, True, 1, 2**70, 0.5]
l.sort()
assert l == [0.5, True, 1, 3, 2**70] and l[1] is True
raises(TypeError, [1, "a"].sort)

assert (1, "ä") * 3 == (1, "ä", 1, "ä", 1, "ä") and 2 * ((),) == ((), ()) and (1,) * 0 == () == (1, 2) * -1
raises(MemoryError, lambda: (1, 2) * (1 << 61))
l = [0]
l.extend({1: 2, 3: 4})
l.extend({1: 2, 3: 4}.items())
l.extend({5})
l += {6: 7}.values()
assert l == [0, 1, 3, (1, 2), (3, 4), 5, 7] and set({1: 2}.items()) == {(1, 2)}

# Sets.
assert {1} in {frozenset([1])} and {2} not in {frozenset([1])} and 1.0 in {1} and (1, "a") in {(1, "a")} and 2**80 in {2**80}
raises(TypeError, lambda: [] in {1}, text="cannot use 'list' as a set element (unhashable type: 'list')")
raises(TypeError, lambda: {[]}, text="cannot use 'list' as a set element (unhashable type: 'list')")


class Odd:
    def __hash__(self):
        raise KeyError("no hash")


raises(KeyError, lambda: Odd() in {1})
raises(KeyError, lambda: Odd() in {1: 1})
assert 1 in {1: None} and 2 not in {1: None} and "a" in {"a": NotImplemented} and "b" not in {"a": NotImplemented}
assert (1, 2) in {(1, 2): 0} and (1, 3) not in {(1, 2): 0} and 1.0 in {1: 0} and None in {None: 0}

# partial.
p = functools.partial(lambda *a, **k: (a, k), 1, 2)
assert p() == ((1, 2), {}) and p(3, x=4) == ((1, 2, 3), {"x": 4}) and p(*range(20)) == ((1, 2, *range(20)), {})
p = functools.partial(p, x=1)
assert p(3) == ((1, 2, 3), {"x": 1}) and p(x=2, y=3) == ((1, 2), {"x": 2, "y": 3})
p = functools.partial(divmod, functools.Placeholder, 5)
assert p(17) == (3, 2)
raises(TypeError, p)
raises(ZeroDivisionError, functools.partial(divmod, 1), 0)
assert functools.partial(max)(1, 2) == 2

# struct.
for code, bits, signed in [("b", 8, 1), ("h", 16, 1), ("i", 32, 1), ("q", 64, 1), ("B", 8, 0), ("H", 16, 0), ("I", 32, 0), ("Q", 64, 0)]:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    for v in {low, low + 1, high, high - 1, 0, 1, -1 if signed else 1}:
        for order, name in [("<", "little"), (">", "big")]:
            packed = struct.pack(order + code, v)
            assert packed == v.to_bytes(bits // 8, name, signed=bool(signed)), (code, v)
            assert struct.unpack(order + code, packed) == (v,)
    for v in [low - 1, high + 1, -(1 << 70), 1 << 70]:
        raises(struct.error, struct.pack, "<" + code, v)
assert struct.pack("P", 5) == (5).to_bytes(8, "little") and struct.unpack("P", struct.pack("P", -1)) == (2**64 - 1,)
assert struct.pack(">bHd3s2x?c", True, 258, -0.5, "ä".encode(), [1], b"z") == b"\x01\x01\x02\xbf\xe0\0\0\0\0\0\0\xc3\xa4\0\0\0\x01z"
assert struct.unpack("<3s", b"abc") == (b"abc",) and struct.unpack("<2p", b"\x01c") == (b"c",) and struct.unpack("<2x", b"ab") == ()
assert struct.pack(b"<I", 5) == b"\5\0\0\0" and struct.unpack(b"<h", bytearray(b"\xff\xff")) == (-1,)
assert struct.pack("<100B", *range(100)) == bytes(range(100)) and struct.unpack("<100B", bytes(100)) == (0,) * 100
raises(TypeError, struct.pack)
raises(struct.error, struct.pack, "<I", text="pack expected 1 items for packing (got 0)")
raises(struct.error, struct.pack, "<I", 1, 2)
raises(struct.error, struct.pack, "<I", "a", text="required argument is not an integer")
raises(struct.error, struct.pack, "<y", 1, text="bad char in struct format")
raises(UnicodeEncodeError, struct.pack, "ä", 1)
raises(struct.error, struct.unpack, "<I", b"abc", text="unpack requires a buffer of 4 bytes")
for i in range(250):
    assert struct.calcsize(f"<{i}s") == i
target = bytearray(6)
struct.pack_into("<I", target, 1, 0x01020304)
assert target == b"\0\4\3\2\1\0"
raises(struct.error, struct.pack_into, "<I", target, 3, 1)


class Text(str):
    pass


assert struct.pack(Text("<B"), 1) == b"\1" and struct.Struct(">H").pack(1) == b"\0\1"


class Index:
    def __index__(self):
        return 7


assert struct.pack("<B", Index()) == b"\7"

# Files in memory.
assert io.StringIO().write("aä€\U0001f600") == 4 and io.StringIO("äb").read() == "äb" and io.StringIO(None).getvalue() == ""
assert io.StringIO("a\r\nb", None).read() == "a\nb" and io.StringIO("a\nb", newline="\r\n").getvalue() == "a\r\nb"
raises(TypeError, io.StringIO, 1, text="initial_value must be str or None, not int")
raises(ValueError, io.StringIO, "", "x", text="illegal newline value: 'x'")
raises(TypeError, io.StringIO, "", "\n", 1)
f = io.StringIO("abc")
f.write("x")
f.seek(5)
f.write("y")
assert f.getvalue() == "xbc\0\0y"
f.__init__("new")
assert f.read() == "new"
f.close()
raises(ValueError, f.write, "a")
assert io.BytesIO(b"ab").read() == b"ab" and io.BytesIO(bytearray(b"ab")).read(1) == b"a" and io.BytesIO(None).read() == b""
raises(TypeError, io.BytesIO, 1)
raises(TypeError, io.BytesIO, b"", b"")
f = io.BytesIO(b"abc")
assert f.read(None) == b"abc" and f.read() == b"" and f.seek(1) == 1 and f.read(-1) == b"bc"
f.close()
raises(ValueError, f.read)
closed = []
for base in (io.StringIO, io.BytesIO):

    class File(base):
        def close(self):
            closed.append(base)
            super().close()

    f = File()
    del f
    f = base()
    f.close = lambda: closed.append("not called")
    del f
assert closed == [io.StringIO, io.BytesIO], closed
f = io.StringIO()
f.__del__()
assert f.closed

# Numbers.
for x in [2.5, -2.5, 0.0, -0.0, 2.0**62, -(2.0**62), 2.0**61, 1e300, 4611686018427387903.0]:
    assert math.floor(x) == int(x // 1) and math.ceil(x) == -int(-x // 1) and math.trunc(x) == int(x)
assert type(math.floor(-0.0)) is int
raises(OverflowError, math.floor, float("inf"), text="cannot convert float infinity to integer")
raises(ValueError, math.ceil, float("nan"), text="cannot convert float NaN to integer")
assert 0 <= random.getrandbits(5) < 32 and random.getrandbits(0) == 0 and random.getrandbits(100) < 1 << 100
raises(ValueError, random.getrandbits, -1)
raises(OverflowError, random.getrandbits, 1 << 70)

# Regular expressions.
m = re.match("(a)|(b)", "b")
assert m.groups() == (None, "b") and m.groups("x") == ("x", "b") and m.regs == ((0, 1), (-1, -1), (0, 1))
assert re.match("a(b)?", "a").groups() == (None,) and re.match("a", "a").groups() == () and re.match("(.)(.)(.)", "äöü").groups() == ("ä", "ö", "ü")
assert re.findall("(.)(.)", "ab€d") == [("a", "b"), ("€", "d")] and re.findall("x?", "ax") == ["", "x", ""] and re.findall(b"a(.)", b"abac") == [b"b", b"c"]
assert re.split("(,)", "a,€,") == ["a", ",", "€", ",", ""] and re.split(",", "a,b,c", maxsplit=1) == ["a", "b,c"]
assert re.sub("(.)", lambda m: re.sub("b", "c", m[1]), "abz") == "acz"
assert re.match("(?:a|ab)*c", "ab" * 5000 + "c").end() == 10001 and re.match("b", "a") is None
assert re.search("€(.)", "xx€y").group(1) == "y" and re.search("y", "xx€y").start() == 3 and re.search(b"y", b"xy").span() == (1, 2)
p = re.compile("(b)(?P<n>c)?")
assert p.match("abc", 1).span() == (1, 3) and p.match("abc", 1, 2).groups() == ("b", None) and p.search("€abc").groupdict() == {"n": "c"}
assert p.search(Text("xbc")).group(0, 1, "n") == ("bc", "b", "c") and p.match(Text("bc")).string == "bc" and p.fullmatch("bcd") is None
assert p.match(string="b").lastindex == 1 and p.search("bc").lastgroup == "n" and p.search("abc").regs == ((1, 3), (1, 2), (2, 3))
raises(TypeError, p.match, b"b", text="cannot use a string pattern on a bytes-like object")
raises(TypeError, re.compile(b"b").match, "b", text="cannot use a bytes pattern on a string-like object")
raises(TypeError, p.match, None, text="expected string or bytes-like object, got 'NoneType'")
assert [m.span() for m in re.finditer("(a)(b)(c)(d)?", "abcabcd")] == [(0, 3), (3, 7)]


class Meta(type):
    def __instancecheck__(cls, x):
        return x == "yes"


class Checked(metaclass=Meta):
    pass


class Quiet(type):
    pass


class Plain(metaclass=Quiet):
    pass


class E(enum.Enum):
    A = 1


assert isinstance("yes", Checked) and not isinstance("no", Checked) and isinstance(Checked(), Checked)
assert isinstance(Plain(), Plain) and not isinstance(1, Plain) and isinstance(E.A, E) and not isinstance(1, (E, Plain)) and isinstance("yes", (int, Checked))
Quiet.__instancecheck__ = lambda cls, x: True
assert isinstance(1, Plain) and isinstance(1, (str, Plain))
del Quiet.__instancecheck__
assert not isinstance(1, Plain)

# JSON.
text = json.dumps([{f"key{i}": i, "ä": "€", "": 1.5, "k": -7} for i in range(20)] * 2, ensure_ascii=False)
assert json.dumps(json.loads(text), ensure_ascii=False) == text
a, b = json.loads('[{"name": 1}, {"name": 2}]')
assert next(iter(a)) is next(iter(b))
assert json.loads("[1, -0, 12345678901234567890, 1e3, -2.5E-1, [], {}]") == [1, 0, 12345678901234567890, 1000.0, -0.25, [], {}]
assert json.loads('["€", 10, 2.5]') == ["€", 10, 2.5]
raises(json.JSONDecodeError, json.loads, "[1,]")

# A weak reference and an ordered dict.
o = collections.OrderedDict(a=1)
o["b"] = 2
o["a"] = 3
assert list(o.items()) == [("a", 3), ("b", 2)]
p = Plain()
r = weakref.ref(p)
assert r() is p
raises(TypeError, r, 1)
del p
assert r() is None
