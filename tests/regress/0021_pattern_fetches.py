"""A sequence pattern with *_ fetches no more than it names; pattern kinds of virtual subclasses."""
import collections
import collections.abc


class Seq(collections.abc.Sequence):
    def __init__(self):
        self.asked = []

    def __len__(self):
        return 1 << 40

    def __getitem__(self, i):
        self.asked.append(i)
        return i


s = Seq()
match s:
    case [a, *_, b, c]:
        pass
assert (a, b, c) == (0, (1 << 40) - 2, (1 << 40) - 1)
assert s.asked == [a, b, c]

match collections.UserDict({"k": 1}):
    case {"k": value, **rest}:
        pass
assert value == 1 and rest == {}


class Plain:
    pass


collections.abc.Mapping.register(Plain)


class Later(Plain):
    pass


def kind(x):
    match x:
        case [*_]:
            return "seq"
        case {}:
            return "map"


assert kind(Plain()) == kind(Later()) == "map"
