# Native code has short cuts for what is common; what lies just beside them must come out the same.


def raises(kind, f):
    try:
        f()
    except kind as e:
        return str(e)
    raise AssertionError(f"no {kind.__name__}")


class Text(str):
    def __str__(self):
        return "S!"


class Doubles:
    def __getitem__(self, key):
        return key * 2


# `%` of a mapping
d = {"a": 1, "b": "zw\u20ac", "c": Text("x"), "a(b)": 5}
assert "%(a)s-%(b)s!%%" % d == "1-zw\u20ac!%"
assert "%(c)s %(c)r" % d == "S! 'x'"
assert "%(a(b))s" % d == "5"
assert "%(a)5s|%(a)d" % d == "    1|1"
assert "%(a)s" * 9 % d == "1" * 9
assert "%(xy)s" % Doubles() == "xyxy"
assert raises(KeyError, lambda: "%(zz)s" % d) == "'zz'"
assert raises(TypeError, lambda: "%(a)s" % (d,)) == "format requires a mapping"
assert raises(ValueError, lambda: "%(a)z" % d) == "unsupported format character 'z' (0x7a) at index 4"

# Searches in short and long texts
for pad in [0, 5, 60, 126, 127, 128, 300]:
    hay = "x" * pad + "abab" + "x" * pad
    assert hay.find("ab") == pad and hay.rfind("ab") == pad + 2 and hay.count("ab") == 2
    assert hay.find("ba") == hay.rfind("ba") == pad + 1
    assert hay.find("abc") == hay.rfind("abc") == -1
    assert hay.replace("ab", "\u20ac") == "x" * pad + "\u20ac\u20ac" + "x" * pad
    assert hay.replace("ab", "", 1) == "x" * pad + "ab" + "x" * pad
    assert hay.replace("abc", "q") == hay

# The attributes move to the dict, which then is the instance's
class Record:
    pass


for i in range(12):
    r = Record()
    r.a, r.b, r.c = i, [i], str(i)
    v = r.__dict__
    r.new, v["k"] = 1, 3
    assert v == {"a": i, "b": [i], "c": str(i), "new": 1, "k": 3} and r.k == 3
    del r.a
    assert list(v) == ["b", "c", "new", "k"] and not hasattr(r, "a")


# hasattr binds nothing that cannot fail, and everything that can
class Has:
    wrong = str.upper
    found = property(lambda self: 1)
    lost = property(lambda self: self.nothing)
    failing = property(lambda self: 1 / 0)

    def method(self):
        pass


h = Has()
assert hasattr(h, "method") and hasattr(h, "found") and hasattr([], "append")
assert not hasattr(h, "lost") and not hasattr(h, "other")
raises(ZeroDivisionError, lambda: hasattr(h, "failing"))
assert "doesn't apply to a 'Has' object" in raises(TypeError, lambda: hasattr(h, "wrong"))


# A list that changes while it is searched
class Clears:
    def __eq__(self, other):
        items.clear()
        return False


items = [Clears(), 5]
assert 5 not in items and items == []
assert 1 in [2, 1.0] and True in [0, 2, 1] and 1 not in [0, 2] and "a" in [1, "a"]
assert sorted([(True, False, 3), (False, True, 2), (1, 0, 1)]) == [(False, True, 2), (1, 0, 1), (True, False, 3)]

# join of few and of many, narrow and wide
for n in [1, 2, 15, 16, 17, 40]:
    for part in ["q", "\xe9", "\u20ac"]:
        for kind in [list, tuple, iter]:
            assert "-".join(kind([part] * n)) == (part + "-") * (n - 1) + part
assert raises(TypeError, lambda: "".join(("a", 1))) == "sequence item 1: expected str instance, int found"
