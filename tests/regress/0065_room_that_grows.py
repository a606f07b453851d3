"""A class whose instances get more room for attributes while other threads make instances.

The room was read twice, for the size and for the object; if it had grown in between, attributes lay in the next object."""

import threading
import time


def race(base):
    class Made(base):
        pass

    barrier = threading.Barrier(4)
    kept = []

    def make():
        barrier.wait()
        for i in range(60):
            e = Made()
            if i % 3 == 0:
                e.a, e.b, e.c = i, [i], str(i)
            e.d = i
            kept.append(e)
            assert e.d == i

    threads = [threading.Thread(target=make) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for e in kept:
        assert type(e.d) is int and e.__dict__["d"] == e.d


end = time.monotonic() + 2
while time.monotonic() < end:
    for base in (Exception, list, str, tuple, object):
        race(base)
