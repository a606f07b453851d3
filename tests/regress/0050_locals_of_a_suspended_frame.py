"""What is stored through f_locals of a suspended generator is there when it goes on."""
import asyncio


def gen():
    x = 1
    y = [x]

    def inner():
        return x2

    x2 = 5
    while True:
        got = yield x, x2, inner(), y
        if got:
            x += got


g = gen()
assert next(g) == (1, 5, 5, [1])
proxy = g.gi_frame.f_locals
proxy["x"] = 10
assert proxy["x"] == 10 and g.gi_frame.f_locals["x"] == 10
assert next(g) == (10, 5, 5, [1])
g.gi_frame.f_locals["x2"] = 7
g.gi_frame.f_locals["y"] = None
assert g.send(2) == (12, 7, 7, None)
assert next(g) == (12, 7, 7, None)
frame = g.gi_frame
g.close()
frame.f_locals["x"] = 3
assert frame.f_locals["x"] == 3


async def co():
    n = 0
    await asyncio.sleep(0)
    return n


c = co()
c.send(None)
c.cr_frame.f_locals["n"] = 42
try:
    c.send(None)
except StopIteration as e:
    assert e.value == 42


# A frame object that an exception has made, and that nobody has: it gets its locals when it is asked for.
def handled():
    x = 1
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    y = 2
    yield x
    z = 3
    yield z


g = handled()
next(g)
assert g.gi_frame.f_locals == {"x": 1, "y": 2}
next(g)
assert g.gi_frame.f_locals == {"x": 1, "y": 2, "z": 3}
held = g.gi_frame
assert next(g, None) is None and held.f_locals["z"] == 3 and g.gi_frame is None
g = handled()
held = next(g) and g.gi_frame
next(g)
assert held is g.gi_frame and held.f_locals == {"x": 1, "y": 2, "z": 3}

# Fields of exceptions are there whichever is set first.
e = StopIteration(4)
e.args = (5,)
assert e.value == 4 and StopIteration().value is None
e = AttributeError("x", obj=3)
e.name = "n"
assert (e.name, e.obj, e.args) == ("n", 3, ("x",))
