# Generators and coroutines that a call makes without running a frame.
import sys


def gen(a, b):
    yield a
    yield b


def empty():
    return
    yield


async def coro(x):
    return x


async def chain(n):
    if n == 0:
        return 0
    return await chain(n - 1) + await coro(1)


def run(c):
    try:
        while True:
            c.send(None)
    except StopIteration as e:
        return e.value


for _ in range(3):
    assert list(gen(1, 2)) == [1, 2] and list(empty()) == []
    assert run(coro(5)) == 5 and run(chain(10)) == 10


def closed(x):
    y = [x]

    def inner(z):
        yield x
        yield y
        yield z

    return inner


assert list(closed(1)(2)) == [1, [1], 2]


def with_cell(x):
    f = lambda: x
    yield f()
    x = 2
    yield f()


assert list(with_cell(1)) == [1, 2]


def many(a, b, c, d):
    e = f = g = h = i = j = 0
    yield a, b, c, d
    yield e + f + g + h + i + j


assert list(many(1, 2, 3, 4)) == [(1, 2, 3, 4), 0]
g = gen(1, 2)
assert g.gi_frame.f_locals == {"a": 1, "b": 2} and g.gi_code is gen.__code__
assert g.__name__ == "gen" and g.gi_running is False
gen.__name__ = "other"
gen.__qualname__ = "much.other"
g = gen(1, 2)
assert g.__name__ == "other" and g.__qualname__ == "much.other"
for bad in ((), (1,), (1, 2, 3)):
    try:
        gen(*bad)
    except TypeError:
        pass
    else:
        raise AssertionError


def wrong():
    return gen(1)


try:
    wrong()
except TypeError as e:
    assert "missing 1 required positional argument: 'b'" in str(e)


class C:
    def m(self, x):
        yield self
        yield x

    async def a(self, x):
        return self, x


c = C()
for _ in range(3):
    assert list(c.m(1)) == [c, 1]
    assert run(c.a(2)) == (c, 2)


def nested():
    yield from gen(1, 2)
    for x in c.m(3):
        yield x
    yield gen(5, 6)


r = list(nested())
assert r[:4] == [1, 2, c, 3] and list(r[4]) == [5, 6]


# What is never started holds its arguments until it goes.
class Counted:
    alive = 0

    def __init__(self):
        Counted.alive += 1

    def __del__(self):
        Counted.alive -= 1


g = gen(Counted(), 1)
assert Counted.alive == 1
del g
assert Counted.alive == 0
g = gen(Counted(), 1)
next(g)
g.close()
assert Counted.alive == 0
g = gen(Counted(), 1)
assert len(list(g)) == 2
assert Counted.alive == 0

# Origins.
sys.set_coroutine_origin_tracking_depth(2)


def origin():
    return coro(1)


x = origin()
assert x.cr_origin[0][2] == "origin", x.cr_origin
x.close()
sys.set_coroutine_origin_tracking_depth(0)
x = origin()
assert x.cr_origin is None
x.close()

# Tracing: a call is told of when the generator starts.
events = []


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return tracer


def body():
    g = gen(1, 2)
    events.append("made")
    return list(g)


sys.settrace(tracer)
body()
sys.settrace(None)
names = [e for e in events if e == "made" or e == ("gen", "call")]
assert names[0] == "made" and ("gen", "call") in names, events

# A coroutine is awaited once.
async def twice():
    k = coro(1)
    await k
    try:
        await k
    except RuntimeError as e:
        return str(e)


assert run(twice()) == "cannot reuse already awaited coroutine"


async def kept():
    k = coro(7)
    a = await k
    return a, k.cr_frame


assert run(kept()) == (7, None)
