"""any, all, list, tuple and set of a generator expression."""
import traceback

L = [1, 2, 0, 3]
assert any(x > 2 for x in L) is True
assert any(x > 5 for x in L) is False
assert all(x for x in L) is False
assert all(x >= 0 for x in L) is True
assert list(x + 1 for x in L) == [2, 3, 1, 4]
assert tuple(x for x in L if x) == (1, 2, 3)
assert set(x % 2 for x in L) == {0, 1}
y = list(x for x in L)
assert y == L
y = any(x for x in ())
assert y is False


def closure():
    z = 5
    return any(x == z for x in L), tuple(z + x for x in L), all(x == z for x in [z])


assert closure() == (False, (6, 7, 5, 8), True)


def shadowed(any):
    list = sorted
    return any(x for x in L), list(x for x in L)


assert shadowed(sum) == (6, [0, 1, 2, 3])


class Liar:
    def __bool__(self):
        raise ValueError("no")


def bad():
    yield 1
    raise KeyError(3)


def stop():
    raise StopIteration


def raises(error, f):
    try:
        f()
    except error as e:
        return e
    raise AssertionError("nothing raised")


raises(ValueError, lambda: any(Liar() for x in L))
raises(KeyError, lambda: list(x for x in bad()))
raises(TypeError, lambda: set([] for x in L))
assert str(raises(RuntimeError, lambda: list(stop() for x in L))) == "generator raised StopIteration"
raises(TypeError, lambda: list(x for x in 5))


def where():
    return any(x > 1 for x in bad())


names = [t.name for t in traceback.extract_tb(raises(KeyError, where).__traceback__)]
assert names == ["raises", "where", "<genexpr>", "bad"], names
assert [any(x for x in a) for a in ([0], [1], [])] == [False, True, False]
assert any((found := x) for x in [0, 7]) and found == 7
assert list(list(y for y in range(x)) for x in range(4)) == [[], [0], [0, 1], [0, 1, 2]]
assert not any(x > 100 for x in L) and len(list(x for x in L)) == 4
assert {k: list(v for v in range(k)) for k in range(3)} == {0: [], 1: [0], 2: [0, 1]}


def generator():
    x = yield any(x for x in L)
    yield list(y for y in x)


g = generator()
assert next(g) is True and g.send((1, 2)) == [1, 2]


async def coroutine():
    async def numbers():
        yield 1

    try:
        list(x async for x in numbers())
    except TypeError as e:
        return str(e)


try:
    coroutine().send(None)
except StopIteration as e:
    assert e.value == "'async_generator' object is not iterable", e.value

# The generator is closed where the loop ends early.
closed = []


def watched():
    try:
        yield 1
        yield 2
    finally:
        closed.append(1)


assert any(x for x in watched()) and closed == [1]
print("OK")
