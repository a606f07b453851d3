"""A young collection finds what was made in the place of something freed, and comes within 10,000 containers."""
import gc
import weakref


class C:
    pass


def in_its_place():
    x = C()
    gc.collect(0)
    del x
    y = C()
    y.me = y
    ref = weakref.ref(y)
    del y
    gc.collect(0)
    return ref() is None


assert all([in_its_place() for _ in range(10)])

for _ in range(3):
    cycle = C()
    cycle.me = cycle
    ref = weakref.ref(cycle)
    del cycle
    kept = []
    while ref() is not None:
        kept.append([])
        assert len(kept) < 10_000, "no collection"
