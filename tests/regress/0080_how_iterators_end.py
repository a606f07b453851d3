"""How iterators end: after errors, after a partial batch, before a start behind the stop; and what is not asked for any more."""
import collections
import functools
import itertools


class Source:
    """Gives what a list says: `Stop` ends for once, an error is raised."""
    def __init__(self, *plan): self.plan = [*plan]
    def __iter__(self): return self

    def __next__(self):
        if not self.plan: raise StopIteration
        x = self.plan.pop(0)
        if isinstance(x, type): raise x
        return x


class Sequence:
    def __len__(self): return 3

    def __getitem__(self, i):
        if i == 1: raise KeyError(i)
        return i


def error(f, of):
    try:
        f()
    except of:
        return
    assert False, "no error"


# An error ends `reversed`, whichever it is.
it = reversed(Sequence())
assert next(it) == 2
error(lambda: next(it), KeyError)
assert [*it] == [] and it.__length_hint__() == 0

# A batch that is not full does not end the iterator: its source is asked again. An empty one does, and strictness.
it = itertools.batched(Source(1, 2, 3, StopIteration, 4, 5, StopIteration, StopIteration, 6), 2)
assert [*it] == [(1, 2), (3,), (4, 5)] and [*it] == []
it = itertools.batched(Source(1, StopIteration, 2), 2, strict=True)
error(lambda: next(it), ValueError)
assert [*it] == []

# What lies before the start is read, also if the stop comes first.
source = Source(1, 2, 3, KeyError, 4)
error(lambda: next(itertools.islice(source, 6, 2)), KeyError)
assert [*source] == [4]
source = Source(1, 2, 3, 4, 5, 6)
assert [*itertools.islice(source, 4, 2)] == [] and [*source] == [5, 6]

# An intersection that has all elements asks for no more.
assert {1, 2}.intersection(itertools.count()) == {1, 2}
assert frozenset([3]).intersection(itertools.count()) == {3}
s = {1, 2}
s.intersection_update(itertools.count())
assert s == {1, 2}


# A list that grows while it is searched.
class Grows:
    def __eq__(self, other):
        while len(l) < 5: l.append(len(l))
        return False


l = [Grows(), 1]
assert l.index(4) == 4
error(lambda: l.index(9, 0, -1), ValueError)


# A cache keeps its size when a comparison with the entry to be evicted would fail.
class Key:
    bad = False
    def __init__(self, n): self.n = n
    def __hash__(self): return 1

    def __eq__(self, other):
        if Key.bad and 1 in (self.n, other.n): raise KeyError
        return self.n == other.n


@functools.lru_cache(2)
def cached(key):
    Key.bad = key.n == 3
    return key.n


keys = [Key(n) for n in range(4)]
for k in keys[:3]: cached(k)
assert cached.cache_info().currsize == 2
try:
    cached(keys[3])
except KeyError:
    pass
Key.bad = False
assert cached.cache_info().currsize <= 2
cached(keys[0])
assert cached.cache_info().currsize <= 2

# To clear an empty deque changes nothing.
d = collections.deque()
it = iter(d)
d.clear()
assert [*it] == []
d = collections.deque([1, 2, 3], 4)
d *= 2
assert d == collections.deque([3, 1, 2, 3][-4:]) and d.maxlen == 4
error(lambda: d.insert(1, 0), IndexError)
d *= 0
d.insert(-5, 1)
d.insert(5, 3)
d.insert(-1, 2)
assert [*d] == [1, 2, 3]
