"""Cells, nonlocal, global, late binding, class scopes."""


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    return step, lambda: n


step, read = counter()
step()
step(5)
assert read() == 6
assert step.__code__.co_freevars == ("n",) and step.__closure__[0].cell_contents == 6

assert [g() for g in [lambda: i for i in range(3)]] == [2, 2, 2]
assert [g() for g in [lambda i=i: i for i in range(3)]] == [0, 1, 2]


def unbound():
    def inner():
        return x
    try:
        inner()
    except NameError as e:
        assert str(e) == "cannot access free variable 'x' where it is not associated with a value in enclosing scope"
        assert e.name == "x"
    else:
        raise AssertionError
    x = 1
    assert inner() == 1
    del x
    try:
        inner()
    except NameError:
        pass
    else:
        raise AssertionError


unbound()


def local():
    try:
        y
    except UnboundLocalError as e:
        assert str(e) == "cannot access local variable 'y' where it is not associated with a value"
    y = 1


local()

total = 1


def bump():
    global total, fresh
    total += 1
    fresh = total


bump()
assert total == 2 and fresh == 2

x = "global"


def scope():
    x = "function"

    class C:
        y = x
        x = "class"
        z = [x for _ in range(1)]

        def method(self):
            return x

    return C


C = scope()
assert C.y == "global", "a name that the class binds is looked up in the globals"
assert C.x == "class" and C().method() == "function" and C.z == ["function"]


class D:
    def me(self):
        return __class__


assert D().me() is D


def deep():
    a = 1

    def one():
        def two():
            nonlocal a
            a += 1
            return a
        return two
    return one()() + a


assert deep() == 4

try:
    undefined_name
except NameError as e:
    assert str(e) == "name 'undefined_name' is not defined"
