"""Items, lengths, class tests and calls that the machine answers without their methods: the same answers as by the methods."""

from array import array


def raises(kind, f, *args):
    try:
        f(*args)
    except kind as e:
        return str(e)
    raise AssertionError(f"no {kind.__name__}")


def get(o, i):
    return o[i]


def put(o, i, v):
    o[i] = v


def add(o, i, v):
    o[i] += v


# Arrays of every number type, at their limits.
for code, low, high in (
    ("b", -128, 127),
    ("B", 0, 255),
    ("h", -(1 << 15), (1 << 15) - 1),
    ("H", 0, (1 << 16) - 1),
    ("i", -(1 << 31), (1 << 31) - 1),
    ("I", 0, (1 << 32) - 1),
    ("l", -(1 << 63), (1 << 63) - 1),
    ("L", 0, (1 << 64) - 1),
    ("q", -(1 << 63), (1 << 63) - 1),
    ("Q", 0, (1 << 64) - 1),
):
    a = array(code, [1, 2, 3])
    for v in (low, high, 0, 1, True):
        put(a, 1, v)
        assert get(a, 1) == v and get(a, -2) == v and type(get(a, 1)) is int
        assert a.tolist() == [1, v, 3]
    for v in (low - 1, high + 1):
        raises(OverflowError, put, a, 1, v)
    raises(TypeError, put, a, 1, 1.0)
    raises(TypeError, put, a, 1, "x")
    assert a.tolist() == [1, 1, 3]
    for i in (3, -4, 1 << 61, -(1 << 61), 1 << 70):
        raises(IndexError, get, a, i)
        raises(IndexError, put, a, i, 1)
    add(a, -1, 4)
    assert a[-1] == 7 and a[0] == 1

for code in "fd":
    a = array(code, [0.5, 0.0])
    for v in (1.5, 0.0, -2.0, 3, float("inf"), 1 << 40, 2.0**-20):
        put(a, 1, v)
        assert get(a, 1) == v and type(get(a, 1)) is float
    put(a, 0, -0.0)
    assert str(get(a, 0)) == "-0.0" and str(a[0]) == "-0.0"
    put(a, 0, float("nan"))
    assert get(a, 0) != get(a, 0)
    add(a, 1, 0.25)
    raises(TypeError, put, a, 0, "x")
    raises(IndexError, get, a, 2)
d = array("d", [0.0])
put(d, 0, (1 << 62) - 1)
assert d[0] == float((1 << 62) - 1)
put(d, 0, 1e300)
assert get(d, 0) == 1e300
w = array("w", "añ")
assert get(w, 1) == "ñ" and w[0] == "a"
raises(TypeError, put, w, 0, 3)


class Doubled(array):
    def __getitem__(self, i):
        return 2 * super().__getitem__(i)

    def __setitem__(self, i, v):
        super().__setitem__(i, v + 1)


class Plain(array):
    pass


a = Doubled("i", [1, 2])
for _ in range(3):
    put(a, 0, 4)
    assert get(a, 0) == 10 and a[1] == 4
a = Plain("i", [1, 2])
put(a, 0, 4)
assert get(a, 0) == 4 and a[-1] == 2

# bytes, bytearray, str.
assert get(b"abc", 1) == 98 and get(b"abc", -1) == 99 and b"abc"[0] == 97
b = bytearray(b"abc")
put(b, 1, 255)
assert get(b, 1) == 255 and b[-3] == 97
raises(ValueError, put, b, 1, 256)
raises(ValueError, put, b, 1, -1)
raises(IndexError, put, b, 3, 1)
raises(IndexError, get, b, 3)
raises(IndexError, get, b"", 0)
raises(TypeError, put, b"abc", 0, 1)
assert get("aé€😀", 0) == "a" and get("aé€😀", 1) == "é" and get("aé€😀", 2) == "€" and get("aé€😀", -1) == "😀"
raises(IndexError, get, "abc", 3)
raises(IndexError, get, "abc", -4)
raises(TypeError, put, "abc", 0, 1)
assert b"abc"[1:2] is b"xbz"[1:2]


class Text(str):
    def __getitem__(self, i):
        return "!"


assert get(Text("abc"), 0) == "!" and Text("abc")[1] == "!"


# isinstance
class Meta(type):
    def __instancecheck__(cls, o):
        return o == 42


class Odd(metaclass=Meta):
    pass


class Mock:
    @property
    def __class__(self):
        return dict


class Base:
    pass


class Sub(Base):
    pass


def is_a(o, c):
    return isinstance(o, c)


for _ in range(2):
    assert is_a(Sub(), Base) and is_a(Sub(), Sub) and not is_a(Base(), Sub) and is_a(Base(), object)
    assert is_a(3, int) and not is_a(3, str) and is_a(True, int) and not is_a(3.0, int)
    assert is_a(42, Odd) and not is_a(41, Odd) and is_a(42, (str, Odd)) and not is_a(41, (str, Odd))
    assert is_a(Mock(), dict) and is_a(Mock(), Mock) and is_a(Mock(), (str, dict)) and not is_a(Mock(), str)
    assert is_a((), (str, (list, tuple))) and not is_a((), ()) and is_a(3, int | str) and is_a(int, type)
    assert is_a(Base, type) and not is_a(Base, Base)
    raises(TypeError, is_a, 3, 3)
    raises(TypeError, is_a, 3, (str, 3))
    assert is_a(3, (int, 3))


# len
class Long(list):
    def __len__(self):
        return 77


def length(o):
    return len(o)


for o, n in (([1], 1), ((1, 2), 2), ("é", 1), ({1: 2}, 1), ({1, 2}, 2), (b"ab", 2), (Long(), 77), (range(5), 5)):
    assert length(o) == n
raises(TypeError, length, 3)

# dict.get
d = {1: "one", "x": "ex", (1, "a"): "pair", 2.0: "two"}
for _ in range(2):
    assert d.get(1) == "one" and d.get(3) is None and d.get(3, "no") == "no" and d.get(2) == "two"
    assert d.get(True) == "one" and d.get("x") == "ex" and d.get("y", d) is d and d.get("y") is None
    assert d.get((1, "a")) == "pair" and d.get((1, "b"), 0) == 0 and {}.get("q", 5) == 5
raises(TypeError, d.get, [])
raises(TypeError, d.get)


class Same(str):
    def __hash__(self):
        return hash("z")

    def __eq__(self, other):
        return True


d = {Same("k"): 1}
assert d.get("z") == 1 and d.get("w") is None


# append
class Counted(list):
    def append(self, x):
        super().append((x, x))


def append(l, x):
    return l.append(x)


for make, item in ((list, 5), (Counted, (5, 5))):
    l = make()
    for n in range(40):
        assert append(l, 5) is None and l[-1] == item and len(l) == n + 1
raises(TypeError, lambda: list.append(3))
raises(TypeError, lambda: list.append(3, 4))
raises(TypeError, lambda: [].append())
raises(TypeError, lambda: [].append(1, 2))
l = [1]
l.append(l)
assert l[1] is l
list.append(l, 7)
assert l[2] == 7

# Methods of native objects, bound.
l = [3, 1, 2]
insert, pop, add_one = l.insert, l.pop, l.append
for _ in range(3):
    insert(0, pop())
    add_one(9)
    assert pop() == 9 and pop(0) in (1, 2, 3, 5)
    insert(1, 5)
    l.sort()
raises(TypeError, insert, 1)
raises(IndexError, lambda: [pop() for _ in range(10)])


class Holder:
    def __init__(self):
        self.add = [].append
        self.text = "a,b".split


h = Holder()
assert h.add(1) is None and h.text(",") == ["a", "b"] and h.text() == ["a,b"]
assert [].append(1) is None and "x".join(["a", "b"]) == "axb"

# Slices of lists.
l = list(range(20))
for a in (None, 0, 3, -3, 25, -25):
    for b in (None, 0, 7, -1, 25, -25):
        assert l[a:b] == [l[i] for i in range(*slice(a, b).indices(20))]
        for c in (1, 2, -1, -3):
            assert l[a:b:c] == [l[i] for i in range(*slice(a, b, c).indices(20))]
objects = [object() for _ in range(19)]
mixed = objects + list(range(9)) + objects
assert mixed[:19] == objects and mixed[28:] == objects and mixed[17:21] == objects[17:] + [0, 1]
copy = mixed[:]
del objects, mixed[:]
assert len({id(o) for o in copy if type(o) is object}) == 19
assert [][:] == [] and [][1:2] + [] == [] and [1][1:] == []


class I:
    def __index__(self):
        return 2


assert l[I() :] == l[2:] and l[: I()] == [0, 1]
raises(TypeError, lambda: l["a":])


class Sliced(list):
    def __getitem__(self, k):
        return k


assert Sliced([1, 2])[1:2] == slice(1, 2)

# Tuples.
n = 5
t = (n, t := [1], n + 1)
assert t == (5, [1], 6)
big = eval("(" + "n," * 300 + ")")
assert big == (5,) * 300
