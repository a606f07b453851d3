"""Functions, closures, generators and iterators that threads share; imports and globals."""
import importlib
import itertools
import sys

from _stress import go

g = 0


def f(a=1, *, b=2):
    return a, b


def make():
    x = 0

    def inc():
        nonlocal x
        x += 1
        return x

    return inc


shared = [make(), None, iter(range(10**9)), zip(itertools.count(), itertools.cycle("ab")), map(str, itertools.count())]


def gen(n):
    for i in range(n):
        got = yield [i]


def calls(r):
    n = r.randrange(6)
    if n == 0: f.__defaults__ = (r.random(),)
    elif n == 1: f.__kwdefaults__ = {"b": [1]}
    elif n == 2: f.__code__ = r.choice(((lambda a=1, *, b=2: 5).__code__, (lambda a=1, *, b=2: (a, b)).__code__))
    else: [f() for _ in range(5)]


def cells(r):
    if r.random() < 0.05: shared[0] = make()
    assert shared[0]() > 0


def generators(r):
    n = r.randrange(6)
    if n == 0 or shared[1] is None: shared[1] = gen(50)
    elif n == 1: shared[1].close()
    elif n == 2: shared[1].throw(KeyError)
    elif n == 3: shared[1].send(5)
    else: [next(shared[1]) for _ in range(5)]


def iterators(r):
    for _ in range(5): next(shared[r.randrange(2, 5)])


def names(r):
    global g
    n = r.randrange(5)
    if n == 0: del g
    elif n == 1: globals()[f"g{r.randrange(40)}"] = 1
    elif n == 2: globals().pop(f"g{r.randrange(40)}")
    else: g = r.random(); g


def imports(r):
    if r.random() < 0.1:
        sys.modules.pop("colorsys", None)
    assert importlib.import_module("colorsys").rgb_to_hsv(1, 1, 1) == (0.0, 0.0, 1)


def text(r):
    assert ("%d-%s" % (5, "x") * 3).split("-")[0] == "5" and f"{r.randrange(9):03}"[:2] == "00" and "é" * 50 == "é" * 50


go(calls, cells, generators, generators, iterators, names, imports, text)
