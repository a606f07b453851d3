"""Instances of dataclasses and named tuples, thread-local values, weak references to shared objects."""
import collections
import dataclasses
import threading
import weakref

from _pattern import main


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2


Pair = collections.namedtuple("Pair", "first second")
local = threading.local()
anchor = Point(1)
reference = weakref.ref(anchor)


def job(size):
    total = 0
    local.count = 0
    for i in range(size):
        point, pair = Point(i), Pair(i, 2)
        total += point.x + point.y + pair.first + pair.second
        local.count += 1
        total += reference().x
    return total + local.count


if __name__ == "__main__":
    main(job, 100_000)
