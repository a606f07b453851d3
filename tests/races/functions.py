"""Functions, cells, globals, generators and iterators shared between threads."""
from _race import do_race

g = 0


def f(a=1, *, b=2): return a, b


def bump():
    global g
    for _ in range(20): g += 1


def forget():
    global g
    del g
    g = 0


do_race(bump, forget)
do_race(lambda: setattr(f, "__defaults__", (object(),)), lambda: [f() for _ in range(20)])
do_race(lambda: setattr(f, "__kwdefaults__", {"b": object()}), lambda: [f() for _ in range(20)])
one, two = (lambda a=1, *, b=2: 1).__code__, (lambda a=1, *, b=2: 2).__code__
do_race(lambda: setattr(f, "__code__", one), lambda: setattr(f, "__code__", two), lambda: [f() for _ in range(20)])
do_race(lambda: setattr(f, "x", object()), lambda: f.x, lambda: f.__dict__.clear())


def cells():
    x = object()

    def write():
        nonlocal x
        for _ in range(20): x = object()

    def read():
        return [x for _ in range(20)]

    def unbind():
        nonlocal x
        del x
        x = 1

    do_race(write, read, unbind)


cells()


def count():
    for i in range(100): yield object()


gen = count()


def step():
    global gen
    for _ in range(10): next(gen)


def renew():
    global gen
    gen = count()


do_race(step, step, renew)
do_race(step, lambda: gen.close(), renew)
do_race(step, lambda: gen.throw(KeyError), renew)
m = map(str, range(10**9))
z = zip(range(10**9), iter(lambda: 1, 2))
e = enumerate(range(10**9))
r = iter(range(10**9))
do_race(*[lambda: [next(x) for x in (m, z, e, r)]] * 3)
