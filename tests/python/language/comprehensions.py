"""Comprehensions and the walrus."""
assert [x for x in range(5) if x % 2] == [1, 3]
assert [(a, b) for a in "ab" for b in range(2)] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
assert {c: ord(c) for c in "ab"} == {"a": 97, "b": 98} and {x % 3 for x in range(9)} == {0, 1, 2}
assert [[y for y in range(x)] for x in range(3)] == [[], [0], [0, 1]]
assert [x for x in [1, 2, 3] if x > 1 if x < 3] == [2]
x = "outside"
[x for x in range(3)]
assert x == "outside"
assert [last := n for n in range(4)] == [0, 1, 2, 3] and last == 3
if (n := len("abc")) > 2:
    assert n == 3
assert [f() for f in [lambda: i for i in range(2)]] == [1, 1]


def local():
    k = 10
    return [k + j for j in range(2)], {j: k for j in range(1)}, list(k for _ in range(1))


assert local() == ([10, 11], {0: 10}, [10])


class C:
    items = [1, 2]
    doubled = [i * 2 for i in items]


assert C.doubled == [2, 4]
assert [*range(2), *"ab"] == [0, 1, "a", "b"] and {**{"a": 1}, "b": 2, **{"a": 3}} == {"a": 3, "b": 2} and {*[1], 2} == {1, 2}
assert [y for x in [1, 2] for y in [x * 10]] == [10, 20]
assert [a + b for a, (b, *c) in [(1, (2, 3)), (4, (5,))]] == [3, 9]
try:
    [1 / z for z in [1, 0]]
except ZeroDivisionError:
    pass
def unbound():
    try:
        [q for _ in [1] if q]
    except NameError:
        return True
assert unbound()
