"""Containers that threads change at once with operations on the whole: what one thread puts in is not lost by what another does."""
import array
import collections
from _race import do_race


def once(make, change, add, check, rounds=100):
    """Two threads add `rounds` different things each while a third changes the whole, again and again."""
    for _ in range(4):
        c = make()
        left = [0, 0]

        def adder(i):
            def action():
                n = left[i]
                add(c, i * rounds + n)
                left[i] = n + 1

            return action

        def changer():
            change(c)

        do_race(adder(0), adder(1), changer, rounds=rounds, allow=())
        check(c, range(2 * rounds))


everything = {*range(10_000)}


def has_all(c, wanted): assert {*c} >= {*wanted}, {*wanted} - {*c}


def intersect(s): s &= everything
def intersect_update(s): s.intersection_update(everything)
def subtract(s): s -= {*range(-20_000, -1)}


for change in (intersect, intersect_update, subtract):
    once(set, change, set.add, has_all)

# Repeated once or not at all: what is appended in between is there, too.
def repeat(c): c *= 1
for make, add in ((collections.deque, collections.deque.append), (lambda: array.array("q"), array.array.append), (list, list.append)):
    once(make, repeat, add, has_all)
once(bytearray, repeat, lambda c, n: c.append(n % 256), lambda c, wanted: has_all(c, {n % 256 for n in wanted}))


def counted(c, wanted): assert len(c) == len(wanted), len(c)


def double(c): c *= 2


# Doubled, what was added is there at least once.
for make, add in ((collections.deque, collections.deque.append), (lambda: array.array("q"), array.array.append)):
    for _ in range(50):
        c = make()
        added = []

        def append():
            n = len(added)
            added.append(n)
            add(c, n)

        def append_more(): add(c, -1)
        do_race(append, append_more, lambda: double(c), rounds=4, allow=())
        has_all(c, [*added, -1])

# A bounded deque is never longer than its bound.
for _ in range(50):
    d = collections.deque(range(7), maxlen=8)
    do_race(lambda: d.insert(3, 0), lambda: d.insert(3, 0), lambda: d.insert(-1, 0), rounds=2)
    assert len(d) == 8, len(d)

# An empty dict that is updated keeps what another thread sets meanwhile.
other = {i: i for i in range(100)}
for _ in range(100):
    d = {}
    do_race(lambda: d.update(other), lambda: d.__setitem__("a", 1), lambda: d.setdefault("b", 1), rounds=1, allow=())
    assert len(d) == 102, len(d)

# An ordered dict is as good as a dict: each operation is one step.
once(collections.OrderedDict, lambda d: d.move_to_end(0) if 0 in d else None, lambda d, n: d.__setitem__(n, n), lambda d, wanted: [sorted(d), counted(d, wanted)])
for _ in range(20):
    d = collections.OrderedDict.fromkeys(range(10))

    def touch():
        for i in range(20):
            d.move_to_end(i % 10, i % 3)
            assert 5 in d and d.get(7, 1) is None

    do_race(touch, touch, touch, rounds=5, allow=())
    assert sorted(d) == sorted(reversed(d)) == [*range(10)]
for _ in range(10):
    d = collections.OrderedDict()

    def cache():
        for i in range(100):
            d[i % 37] = i
            d.pop(i * 7 % 37, None)
            if len(d) > 20:
                d.popitem(last=False)
            try:
                d.move_to_end(i * 5 % 37)
            except KeyError:
                pass

    do_race(cache, cache, cache, rounds=5, allow=())
    assert [*d] == [*d.keys()] == [k for k, _ in d.items()] == [*reversed(d)][::-1]
    assert len(d) == len([*d]) <= 20
