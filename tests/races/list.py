"""One list, two threads."""
import bisect

from _race import do_race

l = []


def refill():
    l[:] = [object() for _ in range(10)]


do_race(lambda: [l.append(object()) for _ in range(20)], lambda: [l.pop() for _ in range(20)])
do_race(refill, lambda: [str(x) for x in l])
do_race(refill, l.clear)
do_race(lambda: l.extend(l[:50]), l.clear)
do_race(lambda: l.insert(0, object()), lambda: l.remove(l[0]))
do_race(lambda: l.sort(key=id), lambda: l.append(object()))
do_race(refill, lambda: [l[i] for i in range(-5, 5)], lambda: l.__setitem__(slice(2, 5), ()))
do_race(l.reverse, lambda: l.copy() == l, lambda: l.index(l[3]))
do_race(lambda: l.__iadd__([1]), lambda: l.__imul__(2) if len(l) < 1000 else l.clear())
do_race(refill, lambda: repr(l), lambda: tuple(l), lambda: sorted(l, key=id))
do_race(refill, lambda: (lambda *a: None)(*l))
do_race(refill, lambda: [a for a, *b in [l]])
it = iter(l)


def advance():
    global it
    for _ in it: pass
    it = iter(l)


do_race(advance, advance, refill)
do_race(lambda: l.__delitem__(slice(None, None, 2)), refill)

# Each of these changes the list in one step: nothing else goes, nothing is lost.
for _ in range(30):
    l = [*range(600)]

    def remove(start):
        def action():
            for x in range(start, 300, 3): l.remove(x)

        return action

    do_race(remove(0), remove(1), remove(2), rounds=1, allow=())
    assert l == [*range(300, 600)], l

import bisect
for _ in range(20):
    l = []

    def insort(start):
        def action():
            for x in range(start, 300, 3): bisect.insort(l, x * 7 % 300)

        return action

    do_race(insort(0), insort(1), insort(2), rounds=1, allow=())
    assert l == [*range(300)], l

# The list is never empty, and what is added is behind what every second of is deleted.
for _ in range(30):
    l = [*range(100)]

    def last():
        for _ in range(200): assert l[-1] is not None

    def delete():
        for _ in range(2): del l[:50:2]

    def add():
        for i in range(100, 200): l.append(i)

    def take():
        for _ in range(20):
            l.append(-1)
            l.pop(-1)

    do_race(last, delete, add, rounds=1, allow=())
    assert {*l} >= {*range(100, 200)} and len(l) == 150, l
    do_race(last, take, take, rounds=1, allow=())
    assert len(l) == 150 and -1 not in l, l
