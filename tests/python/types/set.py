"""Methods of set and frozenset."""
s = {1, 2, 3}
s.add(4)
s.discard(9)
s.remove(1)
assert s == {2, 3, 4} and len(s) == 3 and 2 in s and s | {9} == {2, 3, 4, 9} and s & {2, 9} == {2} and s - {2} == {3, 4} and s ^ {2, 9} == {3, 4, 9}
assert {2} < s <= {2, 3, 4} and s > {3} and not s < s and s.isdisjoint({8}) and s.issubset(range(9)) and s.issuperset([2])
assert s.union([5], (6,)) == {2, 3, 4, 5, 6} and s.intersection([2, 3], {3}) == {3} and s.difference([2], [3]) == {4}
s |= {5}; s &= {3, 4, 5}; s -= {3}; s ^= {4, 7}
assert s == {5, 7}
s.update("a", [1]); s.intersection_update([5, 1, "a"]); s.difference_update([1]); s.symmetric_difference_update(["a", "b"])
assert s == {5, "b"} and s.copy() == s and s.pop() in (5, "b") and len(s) == 1
s.clear()
assert s == set() and repr(set()) == "set()" and repr({1}) == "{1}" and repr(frozenset([1])) == "frozenset({1})"
f = frozenset("abc")
assert hash(f) == hash(frozenset("cba")) and {f: 1}[frozenset("bca")] == 1 and f == set("abc") and frozenset("abc") in {f} and set("abc") in {f}
assert f | {"d"} == frozenset("abcd") and type(f | set()) is frozenset and type(set() | f) is set
for bad, error, message in (
    (lambda: set().pop(), KeyError, "'pop from an empty set'"), (lambda: set().remove(1), KeyError, "1"),
    (lambda: {[]}, TypeError, "cannot use 'list' as a set element (unhashable type: 'list')"),
    (lambda: {1} | [1], TypeError, "unsupported operand type(s) for |: 'set' and 'list'"),
):
    try:
        bad()
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError(message)
s = {1, 2}
try:
    for x in s:
        s.add(x + 10)
except RuntimeError as e:
    assert str(e) == "Set changed size during iteration"
else:
    raise AssertionError
big = set(range(10_000))
big -= set(range(0, 10_000, 2))
assert len(big) == 5000 and sum(big) == 25_000_000 and {1, 1.0, True} == {1} and max({3, 9, 4}) == 9
