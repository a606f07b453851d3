"""Attributes of shared instances, slots, __dict__, properties."""
from _stress import go


class A:
    def __init__(self):
        self.x = 0
        self.y = [0]

    @property
    def both(self): return self.x, self.y


class S:
    __slots__ = ("x", "y", "__dict__")


objects = [A() for _ in range(5)] + [S() for _ in range(3)]


def change(r):
    o = r.choice(objects)
    n, name = r.randrange(10), r.choice(("x", "y", f"n{r.randrange(30)}"))
    if n == 0: objects[r.randrange(5)] = A()
    elif n <= 3: setattr(o, name, r.choice((1, "s", object(), [o], 0.5)))
    elif n == 4: delattr(o, name)
    elif n == 5: o.__dict__[name] = [1]
    elif n == 6: o.__dict__ = {"x": 1, name: object()}
    elif n == 7: list(vars(o).items()), dir(o)
    elif n == 8: o.__dict__.clear()
    else: o.both


def read(r):
    o = r.choice(objects)
    for _ in range(10):
        o.x
        o.y


def add(r):
    o = r.choice(objects)
    o.x += 1


go(change, change, read, add)
