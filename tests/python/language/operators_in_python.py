"""Operators and subscriptions that call methods in Python."""


class N:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        if isinstance(other, N):
            return N(self.n + other.n)
        if isinstance(other, int):
            return N(self.n + other)
        return NotImplemented

    def __radd__(self, other):
        if isinstance(other, (int, float)):
            return N(self.n + int(other) + 1000)
        return NotImplemented

    def __mul__(self, other):
        raise ArithmeticError("mul")

    def __sub__(self, other):
        yield self.n

    def __iadd__(self, other):
        self.n += 1
        return self


class M(N):
    def __radd__(self, other):
        return "M.__radd__"


class O:
    def __add__(self, other):
        return NotImplemented


class P:
    def __radd__(self, other):
        return ("P", other)


def raises(error, message, f):
    try:
        f()
    except error as e:
        assert str(e) == message, str(e)
        return e
    raise AssertionError("nothing raised")


def add(a, b):
    return a + b


def once():
    a, b = N(1), N(2)
    assert (a + b).n == 3 and (a + 5).n == 6 and (5 + a).n == 1006 and (1.5 + a).n == 1002
    assert add(N(1), M(2)) == "M.__radd__" and add(M(1), N(2)).n == 3 and add(M(1), M(2)).n == 3
    assert add(O(), P())[0] == "P" and add(O(), N(1) if False else P())[0] == "P"
    raises(TypeError, "unsupported operand type(s) for +: 'O' and 'O'", lambda: O() + O())
    raises(TypeError, "unsupported operand type(s) for +: 'O' and 'int'", lambda: O() + 1)
    raises(TypeError, "unsupported operand type(s) for +=: 'O' and 'str'", iadd)
    raises(TypeError, "unsupported operand type(s) for +: 'N' and 'str'", lambda: N(1) + "x")
    raises(ArithmeticError, "mul", lambda: N(1) * 2)
    assert list(N(7) - 1) == [7]
    a += 1
    assert a.n == 2
    total = 0
    for i in range(3):
        total = N(i) + total
    assert total.n == 3
    # Temporaries on both sides, and the result where an operand was.
    assert ((N(1) + N(2)) + (N(3) + N(4))).n == 10
    b = b + b
    assert b.n == 4


def iadd():
    x = O()
    x += "s"


for _ in range(20):
    once()


# The method is exchanged, and so is its code.
def other(self, x):
    return "other"


class Q:
    def __add__(self, x):
        return "first"

    def __getitem__(self, i):
        return ("get", i)

    def __setitem__(self, i, v):
        self.last = (i, v)


def ask(q):
    return q + 1, q[1], q["a":2]


q = Q()
for _ in range(5):
    assert ask(q) == ("first", ("get", 1), ("get", slice("a", 2)))
Q.__add__ = other
Q.__getitem__ = lambda self, i: i
assert ask(q) == ("other", 1, slice("a", 2))
Q.__getitem__.__code__ = (lambda self, i, j=7: (i, j)).__code__
Q.__getitem__.__defaults__ = (8,)
assert ask(q)[1] == (1, 8)


class R(Q):
    def __setitem__(self, i, v):
        super().__setitem__(i, v)
        return v


def store(q):
    for i in range(30):
        q[i] = str(i)
        assert q.last == (i, str(i))
        q[i, 1], q[i + 1] = i, [i]
        assert q.last == (i + 1, [i])


for q in (Q(), R(), Q(), R()):
    store(q)
Q.__setitem__.__code__ = (lambda self, i, v: setattr(self, "last", (i, v)) or 5).__code__
store(Q())
Q.__setitem__ = lambda self, i, v: self.__dict__.update(last=(i, v))
store(Q())


class Deep:
    def __add__(self, other):
        return self + other

    def __getitem__(self, i):
        return self[i]

    def __setitem__(self, i, v):
        self[i] = v


for f in (lambda: Deep() + 1, lambda: Deep()[0], lambda: Deep().__setitem__(0, 1)):
    try:
        f()
    except RecursionError:
        pass
    else:
        raise AssertionError
print("OK")
