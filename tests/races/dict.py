"""One dict, two threads."""
from _race import do_race

d = {}


class Key:
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n % 3
    def __eq__(self, other): return isinstance(other, Key) and self.n == other.n


def fill():
    for i in range(20): d[i] = object()


def fill_keys():
    for i in range(10): d[Key(i)] = object()


do_race(fill, d.clear)
do_race(fill, fill, lambda: [d.get(i) for i in range(20)])
do_race(fill, lambda: [d.pop(i, None) for i in range(20)])
do_race(fill, lambda: [str(v) for v in d.values()])
do_race(fill_keys, lambda: [d.pop(Key(i), None) for i in range(10)], lambda: [Key(i) in d for i in range(10)])
do_race(fill, lambda: d.update({i: i for i in range(30)}), d.clear)
do_race(d.popitem, lambda: d.setdefault(1, object()))
do_race(fill, lambda: d.copy() == d, d.clear)
do_race(fill, lambda: list(d.items()), lambda: d.__ior__({"x": object()}))
do_race(lambda: d.update(a=object()), lambda: (lambda **k: k)(**d), d.clear)
do_race(lambda: [d.__setitem__(f"k{i}", i) for i in range(50)], lambda: repr(d), d.clear)
do_race(fill, lambda: d.keys() & {1, 2}, lambda: d.__delitem__(1))
do_race(fill, lambda: list(reversed(d)), d.clear)
