"""Nothing is shared but code, constants and classes."""
from _pattern import case, main


class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def twice(x):
    return x + x


@case("private", 18_000_000)
def loop(size):
    total = 0
    for i in range(size):
        total = (total * 3 + i) & 0xFFFF
    return total


@case("private", 2_000_000)
def calls(size):
    c = Counter()
    for i in range(size):
        c.add(twice(i & 7)).add(1)
    return c.n


@case("private", 500_000)
def objects(size):
    total = 0
    kept = []
    for i in range(size):
        p = Point(i, [i, i + 1])
        kept.append({"point": p})
        if len(kept) == 100:
            total += sum(k["point"].y[1] for k in kept)
            kept.clear()
    return total


if __name__ == "__main__":
    main()
