"""One list, two threads."""
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
