"""Objects that hold one another in long chains are finalised, and asked for attributes, without using up the native stack."""
import sys
import warnings

N = 100_000


def chain(link, x=None, n=N):
    for _ in range(n):
        x = link(x)
    return x


# ---- finalisers inside of finalisers: what one drops is finalised in turn ----

def started(x):
    def inner(held):
        yield 1
    g = inner(x)
    next(g)
    return g


closed = 0


def closing(x):
    def inner(held):
        global closed
        try:
            yield 1
        finally:
            closed += 1
    g = inner(x)
    next(g)
    return g


async def coroutine(held):
    pass


async def asynchronous(held):
    yield


class Finalised:
    def __init__(self, x):
        self.x = x

    def __del__(self):
        self.x = None


chain(lambda x: (y for y in x), iter(()))
chain(started)
chain(closing)
assert closed == N, closed
chain(asynchronous)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    chain(coroutine, n=10_000)
# CPython complains of recursion.
sys.unraisablehook = lambda what: None
chain(Finalised)


# ---- attributes of what is wrapped ----

def ends(f):
    """Without a crash; CPython's stack may be larger."""
    try:
        f()
    except (RecursionError, AttributeError):
        pass


alias = chain(lambda x: list[x], int)
ends(lambda: alias.__parameters__)
ends(lambda: alias[int])
ends(lambda: (int | alias)[int])
for wrap in property, staticmethod, classmethod:
    wrapped = chain(wrap, len, 20_000)
    ends(lambda: wrapped.__isabstractmethod__)
    ends(lambda: wrapped.__name__)
    ends(lambda: wrapped.__annotations__)

print("ok")
