"""Every kind of parameter, defaults, calls."""


def f(a, b=2, /, c=3, *rest, d, e=5, **more):
    return a, b, c, rest, d, e, more


assert f(1, d=4) == (1, 2, 3, (), 4, 5, {})
assert f(1, 9, 8, 7, 6, d=4, e=0, z=1) == (1, 9, 8, (7, 6), 4, 0, {"z": 1})
assert f(1, d=4, a=10, b=20) == (1, 2, 3, (), 4, 5, {"a": 10, "b": 20})
assert f(*[1, 2], *(3,), **{"d": 4}, **{"e": 6}) == (1, 2, 3, (), 4, 6, {})
assert f.__defaults__ == (2, 3) and f.__kwdefaults__ == {"e": 5}


def fails(message, call):
    try:
        call()
    except TypeError as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError("no TypeError")


def one(x): pass
def keyword(*, k): pass
def positional(p, /): pass


fails("one() missing 1 required positional argument: 'x'", lambda: one())
fails("one() takes 1 positional argument but 2 were given", lambda: one(1, 2))
fails("one() got an unexpected keyword argument 'y'", lambda: one(1, y=2))
fails("one() got multiple values for argument 'x'", lambda: one(1, x=2))
fails("keyword() missing 1 required keyword-only argument: 'k'", lambda: keyword())
fails("keyword() takes 0 positional arguments but 1 was given", lambda: keyword(1))
fails("positional() got some positional-only arguments passed as keyword arguments: 'p'", lambda: positional(p=1))
fails("'int' object is not callable", lambda: 1())
fails("__main__.one() got multiple values for keyword argument 'x'", lambda: one(**{"x": 1}, **{"x": 2}))

# Defaults are evaluated once, at the definition.
def gather(item, into=[]):
    into.append(item)
    return into


gather(1)
assert gather(2) == [1, 2]

assert (lambda x, *y, z=1: (x, y, z))(1, 2, 3) == (1, (2, 3), 1)
assert (lambda: 0).__name__ == "<lambda>"
assert f.__name__ == f.__qualname__ == "f" and f.__module__ == "__main__"


def outer():
    def inner(): pass
    return inner


assert outer().__qualname__ == "outer.<locals>.inner"


def documented():
    """A line."""


assert documented.__doc__ == "A line." and f.__doc__ is None
f.colour = "red"
assert f.__dict__ == {"colour": "red"}


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


assert fib(16) == 987


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


assert depth(900) == 900
