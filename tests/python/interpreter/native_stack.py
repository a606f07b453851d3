# Each handler of the interpreter ends by jumping to the next one. If a compiler made a call of it, the native stack would
# grow with each instruction: here, in a thread with a small stack, it would soon be full.
import array
import asyncio
import math
import threading

N = 60_000


class Slots:
    __slots__ = ("x",)

    def __init__(self, x=1):
        self.x = x


class Plain:
    k = 5

    def __init__(self, a, b=2):
        self.a = a
        self.b = b

    def m(self, y=1):
        return self.a

    @property
    def p(self):
        return self.a

    @classmethod
    def c(cls):
        return cls

    @staticmethod
    def s():
        return 1

    def __getitem__(self, i):
        return i

    def __eq__(self, other):
        return self.a == other.a

    __hash__ = None

    def __len__(self):
        return 1

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return False


class Child(Plain):
    def __init__(self):
        self.z = 0
        super().__init__(1)

    def m(self, y=1):
        return super().m(y)


def arithmetic():
    big, tiny = 1 << 62, 1e-300
    for i in range(N):
        i + 1, i - 1, i * 3, i / 7, i // 7, i % 7, i ** 2, i << 1, i >> 1, i & 3, i | 3, i ^ 3, -i, +i, ~i
        1.5 + i, i * 0.5, 2.5 - 0.5, tiny * 0.5, -tiny, 1e300 * 10.0, big + big, big * 2, 1.5 // 1, 7.5 % 2
        a = i
        a += 1
        a -= 1
        a *= 2
        a //= 3
        a %= 5
        a <<= 1
        a >>= 1
        a |= 1
        a &= 7
        a ^= 1
        b = 1.5
        b += 1
        b -= 0.5
        b *= 2
        b /= 2


def comparisons():
    s, t, p, q = "a", "b", Plain(1), Plain(1)
    for i in range(N):
        i < 5, i <= 5, i == 5, i != 5, i > 5, i >= 5, 1.5 < i, s == t, s < t, p == q, s is t, s is not None
        5 in (1, 2), 5 not in [1, 2], not i, not s, not p, s and t, s or t, 0 < i < 9
        if i < 5.5 or s == t or p == q or s is None or i in (1, 2) or not p:
            pass
        if s:
            pass
        if not p:
            pass
        while s != s:
            pass


def attributes():
    objects = [Plain(1), Child(), Plain(2), Slots(), Slots(3)]
    d = Plain(1)
    d.__dict__
    for i in range(N):
        o = objects[i % 3]
        o.a, o.k, o.p, o.m(), o.c(), o.s(), o.c, d.a, d.m(), d.k, math.pi, math.sqrt(2.0), Plain.k, Plain.c(), Plain.s()
        o.a = i
        o.b = o
        o.b = None
        d.a = i
        v = objects[3 + i % 2]
        v.x = v.x
        n = Plain(i)
        n.new = 1
        del n.new
        try:
            o.missing
        except AttributeError:
            pass


def items():
    l, t, d, s, p, b = [1, 2, [3]], (1, 2, [3]), {1: 2, "k": 3, (1, 2): 4}, "abc", Plain(1), b"abc"
    r, w = array.array("d", [1, 2]), bytearray(b"abc")
    for i in range(N):
        l[0], l[-1], l[2], t[0], t[i & 1], d[1], d["k"], d[1, 2], s[1], p[i], b[1], l[0:2], t[1:], s[1:2], l[::2]
        l[0] = i
        l[0] = [i]
        d[1] = i
        d["k"] = [i]
        l[0:1] = [i]
        r[i & 1], r[0], w[i & 1], l[::-1], l[i:]
        r[i & 1] = i
        r[0] += 1.5
        w[i & 1] = i & 255
        [i, i], (i, i), {i: i}, {i}, f"{i}{s!r:>4}", [*l, *t], {**d}
        a, c = t[:2]
        a, c = l[:2]
        a, *c = l
        x, (y, z) = 1, (2, 3)
        d[9] = 1
        del d[9]
        try:
            l[99]
        except IndexError:
            pass


def calls():
    def f(a, b=1, *c, k=2, **d):
        return a

    def one(x):
        return x

    def cell():
        nonlocal count
        count += 1
        return count

    count = 0
    many, few = [], [3, 1, 2]
    push, pop, put = many.append, few.pop, few.insert
    for i in range(N):
        many.append(i), push([i]), put(0, pop()), isinstance(few, (tuple, dict)), {}.get(i), {}.get(i, few)
        one(i), f(i), f(i, 2), f(i, 2, 3), f(i, k=3), f(i, z=4), f(*(1, 2)), f(**{"a": 1}), one([i]), cell()
        len("abc"), isinstance(i, int), max(i, 5), print, int("3"), str(i), [].append(i), "a".upper(), range(i), list((1, 2))
        Plain(i), Plain(i, 3), Slots(i), Child(), (lambda: i)()
        try:
            one()
        except TypeError:
            pass


def iteration():
    def gen(n):
        for i in range(n):
            x = yield i
        return n

    def outer(n):
        return (yield from gen(n))

    async def co(n):
        return n

    async def run():
        for _ in range(N):
            await co(1)

    for x in gen(N):
        pass
    for x in outer(N):
        pass
    for i in range(N // 4):
        for x in gen(1):
            pass
        for k, v in {1: 2}.items():
            pass
        for k, v in enumerate("ab"):
            pass
        for k, v in zip([1], (2,)):
            pass
        for k in {1: 2}, [1], (1,), "a", {1}:
            for x in k:
                pass
        any(x for x in (0, 1, 1))
        sum(x for x in (1, 2)), [x for x in (1, 2) if x], {x: x for x in (1,)}, {x for x in (1,)}
        next(gen(3))
        g = gen(3)
        next(g)
        g.send(1)
        g.close()
    asyncio.run(run())


def exceptions():
    for i in range(N):
        try:
            raise ValueError(i)
        except (KeyError, ValueError) as e:
            pass
        finally:
            pass
        with Plain(1) as p:
            pass
        try:
            try:
                1 / 0
            except ZeroDivisionError:
                raise
        except ZeroDivisionError:
            pass


def namespaces():
    exec(f"for i in range({N}):\n    a = i\n    b = a\n    del b\nclass C:\n    x = 1\n    y = x\n", {})
    exec(f"def f():\n    global g\n    for i in range({N}):\n        g = i\n        del g\nf()", {})


def match(n=N):
    for i in range(n):
        match i % 4, {"a": i}, [i]:
            case (0, _, _):
                pass
            case (1, {"a": x}, [y]):
                pass
            case (_, dict(), list()) if i:
                pass


failures = []


def run(f):
    try:
        f()
    except BaseException as e:
        failures.append((f.__name__, e))


threading.stack_size(512 * 1024)
for f in arithmetic, comparisons, attributes, items, calls, iteration, exceptions, namespaces, match:
    t = threading.Thread(target=run, args=(f,))
    t.start()
    t.join()
assert not failures, failures
