"""Generators that delegate to each other: what is seen of the members while the chain is suspended, runs, or is taken apart."""
import gc
import sys
import threading
import traceback


def leaf():
    x = yield 1
    y = yield x
    return ("leaf", y)


def mid(g):
    return (yield from g)


def root(g):
    r = yield from g
    yield r
    yield "end"


class Tree:
    def __init__(self, items):
        i = len(items) // 2
        self.left = Tree(items[:i]) if i else None
        self.value = items[i]
        self.right = Tree(items[i + 1:]) if items[i + 1:] else None

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


assert list(Tree(range(1000))) == list(range(1000))
for _ in range(3):
    assert sum(1 for _ in Tree(range(3000))) == 3000

# A member is looked at, and resumed by itself.
a = leaf()
b = mid(a)
c = root(b)
assert next(c) == 1
assert (b.gi_running, b.gi_suspended, c.gi_yieldfrom is b, b.gi_yieldfrom is a) == (False, True, True, True)
assert c.send("x") == "x"
assert next(a, "done") == "done"  # the leaf's return value is lost to its chain
assert next(c) is None
assert next(c) == "end"
assert list(c) == []

# A chain becomes part of another one; frames show the line they are at.
a = mid(leaf())
assert next(a) == 1
b = mid(mid(a))
assert next(b) is None
assert b.gi_frame.f_code.co_name == "mid" and a.gi_frame.f_lineno == mid.__code__.co_firstlineno + 1
try:
    b.send(7)
except StopIteration as e:
    assert e.value == ("leaf", 7)
else:
    assert False


# Exceptions leave with every frame in the traceback, and are caught on the way.
def fails():
    yield 1
    raise ValueError("x")


def nested(g, n):
    if n:
        yield from nested(g, n - 1)
    else:
        yield from g


g = nested(fails(), 5)
assert next(g) == 1
try:
    next(g)
except ValueError as e:
    names = [f.name for f in traceback.extract_tb(e.__traceback__)]
    assert names == ["<module>"] + ["nested"] * 6 + ["fails"], names
log = []


def guarded(n):
    try:
        if n:
            yield from guarded(n - 1)
        else:
            while True:
                try:
                    yield n
                except KeyError:
                    log.append("key")
    finally:
        log.append(n)


g = guarded(3)
next(g), next(g)
assert g.throw(KeyError()) == 0 and log == ["key"]
next(g)
g.close()
assert log == ["key", 0, 1, 2, 3]
log.clear()
g = guarded(2)
next(g)
del g
gc.collect()
assert log == [0, 1, 2]


# A member that runs cannot be resumed; all frames are on the stack.
def again():
    yield 1
    try:
        next(outer)
    except ValueError as e:
        yield str(e)
    f = sys._getframe()
    names = []
    while f:
        names.append(f.f_code.co_name)
        f = f.f_back
    yield names
    yield 4


outer = mid(mid(again()))
assert list(outer) == [1, "generator already executing", ["again", "mid", "mid", "<module>"], 4]

# The handled exception of whoever resumes the chain is seen inside, and no other.
def handled():
    yield sys.exception()
    yield sys.exception()


g = mid(mid(handled()))
assert next(g) is None
try:
    raise KeyError(1)
except KeyError as e:
    assert next(g) is e
assert sys.exception() is None


# A deep chain is resumed from deep down.
def deep(n):
    if n == 0:
        while True:
            yield 1
    else:
        yield from deep(n - 1)


def below(n, g):
    return next(g) if n == 0 else below(n - 1, g)


g = deep(400)
assert next(g) == 1 and next(g) == 1
assert below(400, g) == 1 and next(g) == 1


# Calls from a generator: defaults, keywords, starred arguments, classes.
class K:
    def __init__(self, a, b=2, *c, d=4, **e):
        self.t = (a, b, c, d, e)


class L:
    def __init__(self, a, b=2):
        self.t = (a, b)


def f(a, b=2):
    return a, b


def h(*a, **k):
    return a, k


def calls():
    yield f(1)
    yield f(1, 3)
    yield f(a=1, b=5)
    yield h(1, 2, x=3)
    yield h(*[1, 2], **{"y": 1})
    yield K(1).t
    yield L(1).t
    yield L(1, 5).t
    yield K(1, 2, 3, d=5, z=1).t
    yield sorted([3, 1, 2], key=lambda v: -v)
    yield [f(i) for i in range(2)]
    yield (lambda q, w=1: (q, w))(5)


want = [
    (1, 2), (1, 3), (1, 5), ((1, 2), {"x": 3}), ((1, 2), {"y": 1}), (1, 2, (), 4, {}), (1, 2), (1, 5),
    (1, 2, (3,), 5, {"z": 1}), [3, 2, 1], [(0, 2), (1, 2)], (5, 1),
]
assert list(calls()) == want
assert list(mid(mid(calls()))) == want


# Cycles through suspended chains are found.
def cycle():
    def inner():
        me.append(g)
        yield 1
        yield 2

    me = []
    g = mid(mid(inner()))
    next(g)


for _ in range(50):
    cycle()
gc.collect()
assert sum(1 for o in gc.get_objects() if getattr(o, "__name__", "") == "inner" and hasattr(o, "gi_frame")) == 0


# Coroutines.
class Y:
    def __await__(self):
        return (yield "y")


async def co(n):
    if n:
        return await co(n - 1)
    return await Y(), await Y()


k = co(10)
assert k.send(None) == "y" and k.send(1) == "y" and k.cr_await.__name__ == "co"
try:
    k.send(2)
except StopIteration as e:
    assert e.value == (1, 2)


# A trace function hears of every member.
def traced():
    events = []

    def trace(frame, event, arg):
        if frame.f_code.co_name in ("leaf", "mid") and event in ("call", "return"):
            events.append((frame.f_code.co_name, event))
        return trace

    g = mid(leaf())
    next(g)
    sys.settrace(trace)
    g.send(2)
    sys.settrace(None)
    g.close()
    return events


events = traced()
assert events[:3] == [("mid", "call"), ("leaf", "call"), ("leaf", "return")], events

# A chain that was suspended before there were threads is resumed by another thread; members are shared then.
g = mid(mid(leaf()))
inner = mid(leaf())
other = mid(inner)
assert next(g) == 1 and next(other) == 1
got = []
t = threading.Thread(target=lambda: got.extend([g.send("t"), next(inner, "x")]))
t.start()
t.join()
assert got == ["t", None], got
assert next(g, "end") == "end"
next(other, "end")


# Racing threads on one chain: an error, a value, or the end, never a crash.
def forever():
    n = 0
    while True:
        n += 1
        yield n


g = mid(mid(mid(forever())))
next(g)
bad = []


def pull():
    for _ in range(2000):
        try:
            next(g)
        except ValueError as e:
            if "already executing" not in str(e):
                bad.append(e)


ts = [threading.Thread(target=pull) for _ in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
assert not bad, bad
