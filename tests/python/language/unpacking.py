"""Assignment: chains, stars, targets, deletion, order of evaluation."""
a, (b, [c, *d]), *e = 1, (2, [3, 4, 5]), 6, 7
assert (a, b, c, d, e) == (1, 2, 3, [4, 5], [6, 7])
*x, y = "abc"
assert x == ["a", "b"] and y == "c"
p = q = [0]
p.append(1)
assert q == [0, 1]
a, b = b, a
assert (a, b) == (2, 1)
i = 0
l = [5, 6, 7]
i, l[i] = 2, "set"
assert l == [5, 6, "set"]


class O: pass


o = O()
o.x, o.y, l[0:2] = 1, 2, "ab"
assert (o.x, o.y, l) == (1, 2, ["a", "b", "set"])
del o.x, l[0], (i)
assert not hasattr(o, "x") and l == ["b", "set"]


def fails(n, values):
    try:
        if n == 2:
            a, b = values
        elif n == 3:
            a, *b, c, d = values
    except (ValueError, TypeError) as e:
        return str(e)


assert fails(2, [1]) == "not enough values to unpack (expected 2, got 1)"
assert fails(2, [1, 2, 3]) == "too many values to unpack (expected 2, got 3)"
assert fails(2, iter([1, 2, 3])) == "too many values to unpack (expected 2)"
assert fails(3, [1, 2]) == "not enough values to unpack (expected at least 3, got 2)"
assert fails(2, 5) == "cannot unpack non-iterable int object"
for k, (m, n) in {"a": (1, 2)}.items():
    assert k == "a" and m + n == 3
for o.z in range(3): pass
assert o.z == 2
def f(*args): return args
assert f(*"ab", *[1], 2) == ("a", "b", 1, 2)
def r(): return 1, *[2, 3]
assert r() == (1, 2, 3)
log = []
def t(n): log.append(n); return n
{t(1): t(2), t(3): t(4)}
[0] * t(5) + [t(6)]
assert log == [1, 2, 3, 4, 5, 6]
z: int = 5
assert z == 5
while True:
    z -= 1
    if z: continue
    break
else:
    raise AssertionError
for z in []: pass
else: z = "else"
assert z == "else"
