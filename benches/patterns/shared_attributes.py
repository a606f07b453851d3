"""Attributes of one shared instance, of its class, and of an enum."""
import enum

from _pattern import main


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


point = Point()


def job(size):
    total = 0
    for i in range(size):
        total += len(point.x) + len(point.y) + len(point.origin) + len(Point.origin) + len(point.first)
        total += len(point.made()) + len(point.plain(point.y))
        if Colour.RED is not Colour.BLUE and Colour.RED.value == 1:
            total += 1
    return total


if __name__ == "__main__":
    main(job, 150_000)
