"""Attributes of shared instances, classes, enums and modules."""
import enum
import math

from _pattern import case, main


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Point:
    origin = ("a", "class", "attribute")

    def __init__(self):
        self.x = [1.0]
        self.y = "y"

    @property
    def first(self):
        return self.x

    @classmethod
    def made(cls):
        return cls.origin

    @staticmethod
    def plain(x):
        return x


class Field:
    def __init__(self, value):
        self.value = value

    def __get__(self, instance, owner):
        return self.value


class Base:
    field = Field((1, 2))

    def __init__(self, n):
        self.n = n

    def count(self):
        return self.n


class Derived(Base):
    def count(self):
        return super().count() + 1


class Config:
    def __init__(self):
        for i in range(20):
            setattr(self, f"item{i}", (i, i))


point = Point()
derived = Derived(1)
kinds = [type(f"Kind{i}", (Derived,), {"name": f"kind {i}"}) for i in range(12)]
objects = [kind(i) for i, kind in enumerate(kinds)]
config = Config()
names = [f"item{i}" for i in range(20)]


@case("read", 2_000_000)
def instance(size):
    total = 0
    for _ in range(size):
        total += len(point.x) + len(point.y)
    return total


@case("read", 2_000_000)
def of_class(size):
    total = 0
    for _ in range(size):
        total += len(point.origin) + len(Point.origin)
    return total


@case("read", 8_000_000)
def enum_member(size):
    total = 0
    for _ in range(size):
        if Colour.RED is not Colour.BLUE:
            total += 1
    return total


@case("read", 500_000)
def enum_value(size):
    total = 0
    for _ in range(size):
        total += Colour.RED.value + len(Colour.BLUE.name)
    return total


@case("read", 3_000_000)
def properties(size):
    total = 0
    for _ in range(size):
        total += len(point.first)
    return total


@case("read", 2_000_000)
def methods_of_class(size):
    total = 0
    for _ in range(size):
        total += len(point.made()) + len(point.plain("ab"))
    return total


@case("read", 2_000_000)
def descriptors(size):
    total = 0
    for _ in range(size):
        total += len(derived.field)
    return total


@case("read", 3_000_000)
def super_method(size):
    total = 0
    for _ in range(size):
        total += derived.count()
    return total


@case("read", 3_000_000)
def polymorphic(size):
    total = 0
    for i in range(size):
        one = objects[i % 12]
        total += one.n + len(one.name)
    return total


@case("read", 1_000_000)
def computed_name(size):
    total = 0
    for i in range(size):
        total += getattr(config, names[i % 20])[0]
    return total


@case("read", 2_000_000)
def module(size):
    total = 0
    for i in range(size):
        total += int(math.sqrt(i))
    return total


if __name__ == "__main__":
    main()
