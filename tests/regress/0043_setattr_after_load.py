"""A class's `__setattr__` is called though the attribute was read before at a place with many shapes."""


class Frozen:
    def __init__(self, x):
        object.__setattr__(self, "x", x)

    def __setattr__(self, name, value):
        raise AttributeError("frozen")


def classes():
    for _ in range(20):
        class C(Frozen):
            pass

        yield C(1)


for c in classes():
    assert c.x == 1
    try:
        c.x = 2
    except AttributeError as e:
        assert str(e) == "frozen"
    else:
        raise AssertionError("stored")
    assert c.x == 1
