"""One set, two threads."""
from _race import do_race

s = set()
do_race(lambda: [s.add(i) for i in range(20)], lambda: [s.pop() for _ in range(20)])
do_race(lambda: s.update(range(50)), s.clear)
do_race(lambda: s.update(range(50)), lambda: [x for x in s], lambda: s.discard(3))
do_race(lambda: s.__ior__({object()}), lambda: s & {1, 2}, lambda: s.copy())
do_race(lambda: s.add(object()), lambda: frozenset(s), lambda: repr(s), s.clear)
do_race(lambda: s.difference_update(range(0, 50, 2)), lambda: s.update(range(50)), lambda: sorted(s, key=id))
do_race(lambda: s.intersection_update(range(10)), lambda: s.add(object()), lambda: s == {1})
