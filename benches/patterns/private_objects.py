"""Objects, lists and dicts that each thread makes and drops for itself."""
from _pattern import main


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def job(size):
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
    main(job, 300_000)
