"""Generators: send, throw, close, yield from, return values."""


def count(n):
    for i in range(n):
        yield i
    return "done"


g = count(2)
assert iter(g) is g and next(g) == 0 and next(g) == 1
try:
    next(g)
except StopIteration as e:
    assert e.value == "done"
else:
    raise AssertionError
assert next(g, "default") == "default"


def echo():
    got = None
    while True:
        try:
            got = yield got
        except ValueError as e:
            got = ("caught", str(e))


e = echo()
assert e.send(None) is None and e.send(5) == 5 and e.throw(ValueError("v")) == ("caught", "v") and e.send(1) == 1
e.close()
assert list(e) == []
try:
    echo().send(1)
except TypeError as x:
    assert str(x) == "can't send non-None value to a just-started generator"
else:
    raise AssertionError

log = []


def tidy():
    try:
        yield 1
        yield 2
    finally:
        log.append("finally")


t = tidy()
next(t)
t.close()
assert log == ["finally"]
t = tidy()
next(t)
del t
assert log == ["finally"] * 2


def stubborn():
    try:
        yield
    except GeneratorExit:
        yield


s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as x:
    assert str(x) == "generator ignored GeneratorExit"
else:
    raise AssertionError


def delegate():
    result = yield from count(2)
    log.append(result)
    yield from "ab"
    got = yield from echo()


d = delegate()
assert [next(d) for _ in range(4)] == [0, 1, "a", "b"] and log[-1] == "done"
assert next(d) is None and d.send(3) == 3 and d.throw(ValueError("w")) == ("caught", "w")


def wrong():
    yield 1
    raise StopIteration("x")


try:
    list(wrong())
except RuntimeError as x:
    assert str(x) == "generator raised StopIteration" and isinstance(x.__cause__, StopIteration)
else:
    raise AssertionError


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


assert list(tree(3)) == [1, 2, 1, 3, 1, 2, 1]


def chain(n):
    if n:
        yield from chain(n - 1)
    yield n


assert sum(chain(200)) == 20100
assert sum(x * x for x in range(10)) == 285 and list(x for x in "abc" if x != "b") == ["a", "c"]


def reenter():
    yield next(r)


r = reenter()
try:
    next(r)
except ValueError as x:
    assert str(x) == "generator already executing"
else:
    raise AssertionError

g = count(1)
assert g.gi_frame is not None and g.gi_code.co_name == "count" and not g.gi_running and g.gi_yieldfrom is None
list(g)
assert g.gi_frame is None


def context():
    try:
        raise KeyError("k")
    except KeyError:
        yield 1
        raise ValueError


g = context()
next(g)
try:
    next(g)
except ValueError as x:
    assert isinstance(x.__context__, KeyError)


def infinite():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


for n in infinite():
    if n > 1000:
        break
assert n == 1597
first, *_, last = (c for c in "hello")
assert first + last == "ho"
