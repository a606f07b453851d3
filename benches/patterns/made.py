"""Objects made of shared classes, and private objects that refer to shared ones."""
import collections
import copy
import dataclasses
import weakref

from _pattern import case, main


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: int
    y: int = 2


class Node:
    def __init__(self, n):
        self.n = n
        self.pair = (n, str(n))


Pair = collections.namedtuple("Pair", "first second")
anchor = Point(1)
reference = weakref.ref(anchor)
nodes = [Node(i) for i in range(64)]
tree = {"a": [1, 2, "three"], "b": (1.5, None), "c": {"d": [4]}}


@case("read", 1_000_000)
def data_classes(size):
    total = 0
    for i in range(size):
        point = Point(i)
        total += point.x + point.y
    return total


@case("read", 400_000)
def frozen_data_classes(size):
    total = 0
    for i in range(size):
        point = Frozen(i)
        total += point.x + point.y
    return total


@case("read", 400_000)
def named_tuples(size):
    total = 0
    for i in range(size):
        pair = Pair(i, 2)
        total += pair.first + pair.second
    return total


@case("read", 2_000_000)
def weak_references(size):
    total = 0
    for _ in range(size):
        total += reference().x
    return total


@case("read", 1_000_000)
def references_kept(size):
    total = 0
    for i in range(size):
        node = nodes[i & 63]
        other = node.pair
        kept = [node, other]
        total += kept[1][0]
    return total


@case("read", 1_000_000)
def references_in_objects(size):
    total = 0
    for i in range(size):
        point = Point(nodes[i & 63], nodes)
        total += point.x.n
    return total


@case("read", 20_000)
def deep_copies(size):
    total = 0
    for _ in range(size):
        total += len(copy.deepcopy(tree))
    return total


if __name__ == "__main__":
    main()
