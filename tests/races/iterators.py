"""Iterators of itertools that threads step at once, at the places where they change what they do."""
import itertools
from fractions import Fraction
from _race import do_race



class Ends:
    def __init__(self): self.n = 0
    def __iter__(self): return self

    def __next__(self):
        self.n += 1
        if self.n % 2: raise StopIteration
        raise KeyError


def renew():
    global z
    z = itertools.zip_longest(iter(Ends()), iter(Ends()), iter([1]), fillvalue=0)


z = None


def longest():
    # Errors end it, and so does the end of the last one: it never goes on with nothing but what it fills in.
    mine = z
    for _ in range(100):
        try:
            if next(mine, None) is None: return
        except KeyError:
            pass
    assert False, "it does not end"


for _ in range(50):
    renew()
    do_race(longest, longest, longest, rounds=4, allow=())

# In one thread as well: the error comes while another iterator is at its end.
renew()
longest()

# Branches of a tee that start together see the same items in the same order, however they take turns.
for n in (50, 56, 57, 58, 114, 200):
    for _ in range(20):
        branches = itertools.tee(range(n), 3)
        seen = [[] for _ in branches]

        def read(i):
            def action():
                while True:
                    try:
                        for x in branches[i]: seen[i].append(x)
                        return
                    except RuntimeError:
                        pass  # Another thread is reading the source.

            return action

        do_race(*[read(i) for i in range(3)], rounds=1, allow=())
        for s in seen: assert s == [*range(n)], s

# Each number of a counter is given once, also where it leaves the range of small numbers, and where it never was in it.
for start, step in ((2**62 - 40, 1), (2**47 - 40, 1), (-(2**62) + 40, -1), (-(2**47) + 40, -1), (0.5, 1), (0, Fraction(1, 3))):
    c = itertools.count(start, step)
    got = []

    def count():
        for _ in range(20): got.append(next(c))

    do_race(count, count, count, rounds=3)
    assert sorted(got) == [start + i * step for i in range(180)][:: 1 if step > 0 else -1], got
