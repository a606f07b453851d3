"""Methods of list and tuple."""
l = [3, 1, 2]
l.append(5)
l.extend((7, 6))
l.insert(1, "x")
assert l == [3, "x", 1, 2, 5, 7, 6] and l.pop() == 6 and l.pop(1) == "x" and l.index(2) == 2 and l.count(1) == 1
l.remove(7)
l.sort()
assert l == [1, 2, 3, 5]
l.reverse()
assert l == [5, 3, 2, 1] and l[-1] == 1 and l[1:3] == [3, 2] and l[::-2] == [1, 3] and l[10:] == [] and 3 in l
l[1:3] = ["a", "b", "c"]
assert l == [5, "a", "b", "c", 1]
l[::2] = [0, 0, 0]
assert l == [0, "a", 0, "c", 0]
del l[1::2]
assert l == [0, 0, 0]
l[:] = range(5)
l *= 2
l += "ab"
assert l == [0, 1, 2, 3, 4] * 2 + ["a", "b"] and [1] + [2] == [1, 2] and [0] * 3 == [0, 0, 0] and l.copy() == l and l.copy() is not l
l.clear()
assert l == [] and not l and [1, 2] < [1, 3] and [1, 2] < [1, 2, 0] and [1] == [1.0] and [1] != (1,)
words = ["bb", "a", "ccc", "dd"]
assert sorted(words, key=len) == ["a", "bb", "dd", "ccc"] and sorted(words, key=len, reverse=True) == ["ccc", "bb", "dd", "a"]
pairs = [(i % 3, -i) for i in range(100)]
assert sorted(pairs, key=lambda p: p[0]) == [p for k in range(3) for p in pairs if p[0] == k]
n = [(i * 7919) % 1009 for i in range(1009)]
assert sorted(n) == list(range(1009))
r = [1]
r.append(r)
assert repr(r) == "[1, [...]]"
for bad, error, message in (
    (lambda: [][0], IndexError, "list index out of range"), (lambda: [].pop(), IndexError, "pop from empty list"),
    (lambda: [].remove(1), ValueError, "list.remove(x): x not in list"), (lambda: [1].index(2), ValueError, "list.index(x): x not in list"),
    (lambda: [1]["a"], TypeError, "list indices must be integers or slices, not str"),
    (lambda: sorted([1, "a"]), TypeError, "'<' not supported between instances of 'str' and 'int'"),
    (lambda: (1,)[3], IndexError, "tuple index out of range"), (lambda: [1] + (2,), TypeError, 'can only concatenate list (not "tuple") to list'),
    (lambda: hash([]), TypeError, "unhashable type: 'list'"),
):
    try:
        bad()
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError(message)
try:
    [1, 2].__setitem__(slice(0, 2, -1), [1])
except ValueError as e:
    assert "attempt to assign sequence of size 1 to extended slice of size" in str(e)
l = [1, 2, 3]
for x in l:
    if x < 10: l.append(x * 10)
assert l == [1, 2, 3, 10, 20, 30]
t = (1, "a", 2)
assert t + (3,) == (1, "a", 2, 3) and t * 2 == (1, "a", 2, 1, "a", 2) and t.index("a") == 1 and t.count(2) == 1 and hash((1, 2)) == hash((1, 2))
assert (1,) < (1, 0) and repr((1,)) == "(1,)" and () == tuple([]) and tuple("ab") == ("a", "b") and t[::-1] == (2, "a", 1)


class Evil:
    def __lt__(self, other):
        l.append(0)
        return False


l = [Evil(), Evil(), Evil()]
try:
    l.sort()
except ValueError as e:
    assert str(e) == "list modified during sort"
else:
    raise AssertionError
import sys
assert list(reversed([1, 2])) == [2, 1] and [*iter([1])] == [1] and sys.getsizeof([]) > 0
