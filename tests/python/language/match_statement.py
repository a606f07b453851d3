"""Every pattern of the match statement."""


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Colour:
    RED = "red"


def kind(v):
    match v:
        case None:
            return "none"
        case True | False:
            return "bool"
        case 0:
            return "zero"
        case -1 | 2.5 | 3 + 4j:
            return "number"
        case Colour.RED:
            return "red"
        case "a" "b":
            return "text"
        case []:
            return "empty"
        case [x]:
            return "one", x
        case [x, y] if x == y:
            return "twins", x
        case (1, *rest, 9):
            return "between", rest
        case [_, _, *_]:
            return "long"
        case {"type": "move", "to": Point(x, y), **more}:
            return "move", x, y, more
        case {"type": str() as t}:
            return "typed", t
        case {}:
            return "mapping"
        case Point(x=0, y=0):
            return "origin"
        case Point(x, 0) | Point(0, x):
            return "axis", x
        case Point():
            return "point"
        case int(n) | float(n) if n > 100:
            return "big", n
        case str(s):
            return "str", s
        case _:
            return "other"


assert kind(None) == "none" and kind(True) == "bool" and kind(0) == "zero" and kind(0.0) == "zero"
assert kind(-1) == kind(2.5) == kind(3 + 4j) == "number" and kind("red") == "red" and kind("ab") == "text"
assert kind([]) == kind(()) == "empty" and kind([5]) == ("one", 5) and kind((4, 4)) == ("twins", 4)
assert kind([1, 2, 3, 9]) == ("between", [2, 3]) and kind(range(5)) == "long" and kind(b"abc") == "other"
assert kind({"type": "move", "to": Point(1, 2), "at": 3}) == ("move", 1, 2, {"at": 3})
assert kind({"type": "x", 1: 2}) == ("typed", "x") and kind({}) == kind({"type": 1}) == "mapping"
assert kind(Point(0, 0)) == "origin" and kind(Point(0, 7)) == kind(Point(7, 0)) == ("axis", 7)
assert kind(Point(1, 1)) == "point" and kind(500) == ("big", 500) and kind("xyz") == ("str", "xyz") and kind(1j) == "other"

match [1, [2, {"k": (3, 4)}]]:
    case [a, [b, {"k": (c, d)}]] as whole:
        assert (a, b, c, d) == (1, 2, 3, 4) and whole[0] == 1
    case _:
        raise AssertionError

try:
    match Point(1, 2):
        case Point(1, 2, 3):
            pass
except TypeError as e:
    assert str(e) == "Point() accepts 2 positional sub-patterns (3 given)"
else:
    raise AssertionError

match = case = type = _ = 1
assert match + case + type + _ == 4
