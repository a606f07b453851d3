"""Operator methods: reflected, in place, comparison, truth, containers, calls."""


class V:
    def __init__(self, *n): self.n = n
    def __add__(self, o): return V(*self.n, *o.n) if isinstance(o, V) else NotImplemented
    def __radd__(self, o): return ("radd", o)
    def __iadd__(self, o): self.n += (o,); return self
    def __mul__(self, k): return V(*self.n * k)
    __rmul__ = __mul__
    def __matmul__(self, o): return sum(a * b for a, b in zip(self.n, o.n))
    def __neg__(self): return V(*(-x for x in self.n))
    def __pos__(self): return self
    def __abs__(self): return V(*map(abs, self.n))
    def __invert__(self): return "inverted"
    def __eq__(self, o): return isinstance(o, V) and self.n == o.n
    def __lt__(self, o): return self.n < o.n
    def __hash__(self): return hash(self.n)
    def __len__(self): return len(self.n)
    def __getitem__(self, i): return self.n[i]
    def __contains__(self, x): return x == "magic" or x in self.n
    def __call__(self, *a, **k): return a, k
    def __repr__(self): return f"V{self.n}"
    def __divmod__(self, o): return "divmod"
    def __pow__(self, e, m=None): return e, m
    def __index__(self): return 3
    def __float__(self): return 1.5
    def __int__(self): return 4
    def __complex__(self): return 2j
    def __round__(self, n=None): return ("round", n)
    def __format__(self, spec): return f"<{spec}>"


a, b = V(1, 2), V(3, 4)
assert a + b == V(1, 2, 3, 4) and 5 + a == ("radd", 5)
try:
    a + 5
except TypeError as e:
    assert str(e) == "unsupported operand type(s) for +: 'V' and 'int'"
else:
    raise AssertionError
c = a
c += 9
assert c is a and a.n == (1, 2, 9)
assert V(1) * 3 == 3 * V(1) == V(1, 1, 1) and V(1, 2) @ V(3, 4) == 11
assert -V(1) == V(-1) and abs(V(-3)) == V(3) and +b is b and ~b == "inverted"
assert V(1) != V(2) and V(1) < V(2) and V(2) > V(1) and sorted([V(3), V(1)]) == [V(1), V(3)]
try:
    V(1) <= V(2)
except TypeError as e:
    assert str(e) == "'<=' not supported between instances of 'V' and 'V'"
else:
    raise AssertionError
assert not V() and bool(V(0)) and len({V(1), V(1), V(2)}) == 2
assert V(5, 6)[1] == 6 and list(V(5, 6)) == [5, 6] and "magic" in V() and 7 not in V()
assert V()(1, k=2) == ((1,), {"k": 2}) and divmod(V(), 1) == "divmod"
assert V() ** 2 == (2, None) and pow(V(), 2, 5) == (2, 5)
assert [0, 1, 2, "three"][V()] == "three" and float(V()) == 1.5 and int(V()) == 4 and complex(V()) == 2j
assert round(V()) == ("round", None) and round(V(), 2) == ("round", 2) and f"{V():abc}" == "<abc>" and hex(V()) == "0x3"


class Sub(V):
    def __radd__(self, o): return "subclass first"


assert V(1) + Sub(2) == "subclass first"


class OnlyEq:
    def __eq__(self, other): return True


try:
    hash(OnlyEq())
except TypeError as e:
    assert str(e) == "unhashable type: 'OnlyEq'"
else:
    raise AssertionError

log = []


def see(x):
    log.append(x)
    return x


assert see(1) < see(3) > see(2) and log == [1, 3, 2]
log.clear()
assert not (see(3) < see(1) < see(9)) and log == [3, 1]
assert (see(0) or see("x")) == "x" and (0 and 1) == 0 and (not 0) is True
assert (1 if [] else 2) == 2 and 1 in [1] and 2 not in [1] and None is None and 1 is not None

x = [1, 2, 3]
x[0] += 10
x[1:] *= 2
assert x == [11, 2, 3, 2, 3]
y = 7
y //= 2; y **= 3; y %= 20; y <<= 2; y |= 1; y ^= 3; y &= 0xFF; y >>= 1; y -= 1; y /= 2
assert y == 7.0, y


class Index:
    def __getitem__(self, key): return key


i = Index()
assert i[1:2, ..., ::3] == (slice(1, 2, None), ..., slice(None, None, 3)) and i[()] == () and i[*[1, 2]] == (1, 2)


class Restless:
    def __bool__(self): return 1


try:
    bool(Restless())
except TypeError as e:
    assert str(e) == "__bool__ should return bool, returned int"
else:
    raise AssertionError
