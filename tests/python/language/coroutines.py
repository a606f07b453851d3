"""async functions, generators, context managers and comprehensions, driven by hand."""


class Pause:
    def __init__(self, value): self.value = value

    def __await__(self):
        got = yield self.value
        return got


def drive(coroutine, *answers):
    seen = []
    answers = list(answers)
    try:
        seen.append(coroutine.send(None))
        while True:
            seen.append(coroutine.send(answers.pop(0) if answers else None))
    except StopIteration as e:
        return seen, e.value


async def simple():
    a = await Pause(1)
    b = await Pause(2)
    return a + b


assert drive(simple(), 10, 20) == ([1, 2], 30)


async def outer():
    return await simple() + 1


assert drive(outer(), 1, 2) == ([1, 2], 4)


async def numbers(n):
    for i in range(n):
        await Pause(f"p{i}")
        yield i


async def loop():
    out = []
    async for i in numbers(3):
        out.append(i)
    else:
        out.append("else")
    return out, [i async for i in numbers(3) if i], {i: await Pause("q") async for i in numbers(1)}


seen, value = drive(loop())
assert value == ([0, 1, 2, "else"], [1, 2], {0: None}) and seen == ["p0", "p1", "p2"] * 2 + ["p0", "q"]


class Manager:
    async def __aenter__(self):
        await Pause("enter")
        return "in"

    async def __aexit__(self, kind, value, tb):
        await Pause("exit")
        return kind is ValueError


async def managed():
    async with Manager() as m, Manager():
        raise ValueError
    return m


assert drive(managed()) == (["enter", "enter", "exit", "exit"], "in")


async def failing():
    try:
        await Pause(1)
    except KeyError:
        return "caught"


c = failing()
c.send(None)
try:
    c.throw(KeyError)
except StopIteration as e:
    assert e.value == "caught"
else:
    raise AssertionError


async def sending():
    got = yield 1
    while True:
        got = yield got


g = sending()
assert drive(g.asend(None))[1] == 1 and drive(g.asend("x"))[1] == "x"
drive(g.aclose())
try:
    drive(anext(g))
except StopAsyncIteration:
    pass
else:
    raise AssertionError
c = simple()
assert type(c).__name__ == "coroutine" and c.cr_code.co_name == "simple" and hasattr(c, "__await__")
c.close()
try:
    for _ in simple(): pass
except TypeError as e:
    assert str(e) == "'coroutine' object is not iterable"
