"""Methods of dict and its views."""
d = {"a": 1, "b": 2}
d["c"] = 3
d["a"] = 0
assert list(d) == ["a", "b", "c"] and d["a"] == 0 and len(d) == 3 and "b" in d and d.get("z") is None and d.get("z", 1) == 1
assert d.pop("b") == 2 and d.pop("b", "gone") == "gone" and d.setdefault("n", []) == [] and list(d) == ["a", "c", "n"]
d["b"] = 9
assert list(d.items())[-1] == ("b", 9) and d.popitem() == ("b", 9) and {"a": 1, "b": 2} == {"b": 2, "a": 1}
d.update({"x": 1}, y=2)
d.update([("z", 3)])
assert d == {"a": 0, "c": 3, "n": [], "x": 1, "y": 2, "z": 3} and dict(a=1) | {"b": 2} == {"a": 1, "b": 2}
d |= {"a": 5}
assert d["a"] == 5 and dict.fromkeys("ab", 0) == {"a": 0, "b": 0} and dict([(1, 2)]) == {1: 2} and repr({1: "a"}) == "{1: 'a'}"
k = d.keys()
assert k & {"a", "q"} == {"a"} and k | {"q"} >= k and len(d.items() ^ d.items()) == 0 and ("a", 5) in d.items() and k - {"a"} == set(k) ^ {"a"}
d["late"] = 1
assert "late" in k and list(reversed(d))[0] == "late" and {1: 1, True: 2, 1.0: 3} == {1: 3} and k.mapping["a"] == 5
try:
    for key in d:
        d[key + "!"] = 1
except RuntimeError as e:
    assert str(e) == "dictionary changed size during iteration"
else:
    raise AssertionError
for bad, error, message in (
    (lambda: {}["k"], KeyError, "'k'"), (lambda: {[]: 1}, TypeError, "cannot use 'list' as a dict key (unhashable type: 'list')"),
    (lambda: {}.popitem(), KeyError, "'popitem(): dictionary is empty'"),
    (lambda: dict([(1, 2, 3)]), ValueError, "dictionary update sequence element #0 has length 3; 2 is required"),
):
    try:
        bad()
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError(message)


class D(dict):
    def __missing__(self, key):
        return key * 2


assert D()["ab"] == "abab" and D(a=1).get("b") is None


class Clash:
    def __init__(self, n): self.n = n
    def __hash__(self): return 1
    def __eq__(self, o): return isinstance(o, Clash) and self.n == o.n


many = {Clash(i): i for i in range(50)}
assert all(many[Clash(i)] == i for i in range(50))
for i in range(0, 50, 2):
    del many[Clash(i)]
assert len(many) == 25 and Clash(3) in many and Clash(2) not in many
big = {i * 64: i for i in range(5000)}
for i in range(0, 5000, 3):
    del big[i * 64]
for i in range(0, 5000, 3):
    big[i * 64] = -i
assert len(big) == 5000 and big[64 * 3] == -3 and big[64] == 1 and sum(1 for v in big.values() if v <= 0) == 1667
d = {}
d["self"] = d
assert repr(d) == "{'self': {...}}"
del d["self"]
c = {"a": [1]}
assert c.copy()["a"] is c["a"] and not {} and dict(zip("ab", range(2))) == {"a": 0, "b": 1}


class Mapping:
    def keys(self): return ["p", "q"]
    def __getitem__(self, k): return k.upper()


assert dict(Mapping()) == {"p": "P", "q": "Q"} and (lambda **kw: kw)(**Mapping()) == {"p": "P", "q": "Q"}


class Strange:
    def __hash__(self): return hash("s")
    def __eq__(self, o):
        held.clear()
        return False


held = {"s": 1}
assert Strange() not in held and held == {}
