"""Context managers."""
log = []


class Manager:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow

    def __enter__(self):
        log.append("+" + self.name)
        return self.name

    def __exit__(self, kind, value, tb):
        log.append("-" + self.name + (kind.__name__ if kind else ""))
        return self.swallow


def run(f):
    log.clear()
    f()
    return log


def plain():
    with Manager("a") as a, Manager("b"):
        log.append(a)


assert run(plain) == ["+a", "+b", "a", "-b", "-a"]


def brackets():
    with (
        Manager("a") as x,
        Manager("b") as y,
    ):
        log.append(x + y)


assert run(brackets) == ["+a", "+b", "ab", "-b", "-a"]


def swallowed():
    with Manager("a", True), Manager("b"):
        1 / 0


assert run(swallowed) == ["+a", "+b", "-bZeroDivisionError", "-aZeroDivisionError"]


def returned():
    def inner():
        for i in range(3):
            with Manager("a"):
                if i == 0:
                    continue
                return i
    log.append(inner())


assert run(returned) == ["+a", "-a", "+a", "-a", 1]


def unpacked():
    class Pair(Manager):
        def __enter__(self):
            return 1, (2, 3)
    with Pair("p") as (a, (b, c)):
        log.append(a + b + c)


assert run(unpacked) == [6, "-p"]

try:
    with 5:
        pass
except TypeError as e:
    assert str(e) == "'int' object does not support the context manager protocol (missed __exit__ method)", e
else:
    raise AssertionError


class Bad:
    def __enter__(self):
        return self

    def __exit__(self, *a):
        raise KeyError("exit")


try:
    with Bad():
        raise ValueError
except KeyError as e:
    assert isinstance(e.__context__, ValueError)
else:
    raise AssertionError
