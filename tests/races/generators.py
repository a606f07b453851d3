# Generators that threads resume, close and look at while others collect.
import gc
from _race import do_race


def leaf(n):
    for i in range(n):
        yield i


def middle(n):
    yield from leaf(n)


def root(n):
    yield from middle(n)


def loop(n):
    box = []
    g = root(n)
    box.append(g)
    for x in g:
        yield x, box


# A chain that was suspended before there was a second thread is taken apart by whoever comes first, under the eyes of a collector.
chains = [root(3) for _ in range(2000)]
for c in chains:
    next(c)
members = [c.gi_yieldfrom for c in chains[::2]]
chains = chains[1::2]
ways = [(next, next, next), (lambda g: g.gi_yieldfrom, next), (type(members[0]).close,)]
ended = []


def take(g, way):
    for step in way:
        try:
            step(g)
        except (StopIteration, ValueError):
            pass


def take_all():
    for i, pair in enumerate(zip(chains, members)):
        for g in pair:
            take(g, ways[i % 3])
    ended.append(None)


def collect():
    while len(ended) < 2:
        gc.collect()


do_race(take_all, take_all, collect, rounds=1)

# Each frame is made where everybody finds it.
shared = [None] * 8
n = 0


def renew():
    global n
    n += 1
    shared[n % 8] = loop(2)


def frames():
    for g in shared:
        if g is not None:
            f = g.gi_frame
            if f is not None:
                f.f_locals, f.f_back, f.f_lineno


def step():
    for g in shared:
        if g is not None:
            next(g, None)


def end():
    for g in shared:
        if g is not None:
            g.close()


def throw():
    for g in shared:
        if g is not None:
            g.throw(KeyError)


do_race(renew, frames, frames)
do_race(renew, frames, step)
do_race(renew, step, step, gc.collect)
do_race(renew, end, step, gc.collect)
do_race(renew, throw, end, frames)
