"""Descriptors written in Python, `super()`, and sites that see many classes, all of shared objects."""
from _pattern import main


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


kinds = [type(f"Kind{i}", (Derived,), {"name": f"kind {i}"}) for i in range(12)]
objects = [kind(i) for i, kind in enumerate(kinds)]


def job(size):
    total = 0
    for i in range(size):
        one = objects[i % 12]
        total += one.count() + len(one.name) + len(one.field)
    return total


if __name__ == "__main__":
    main(job, 150_000)
