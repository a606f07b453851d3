"""Sequences that are added to and multiplied with things that are none of their kind."""
import array
import collections
import itertools
import operator


class Reflected:
    def __rmul__(self, other):
        return "rmul"

    def __radd__(self, other):
        return "radd"


sequences = [[1], (1,), "a", b"a", bytearray(b"a"), collections.deque([1]), array.array("b", [1])]
for a, b in itertools.product(sequences, repeat=2):
    try:
        a * b
    except TypeError as e:
        assert str(e).startswith("can't multiply sequence by non-int of type "), e
    else:
        raise AssertionError((a, b))
for a in sequences[:5]:
    assert a * Reflected() == "rmul" and a + Reflected() == "radd", a
for a in sequences:
    assert a * 2 == 2 * a == a + a, a

try:
    [] * ()
except TypeError as e:
    assert str(e) == "can't multiply sequence by non-int of type 'tuple'", e
try:
    operator.imul((), [])
except TypeError as e:
    assert str(e) == "can't multiply sequence by non-int of type 'list'", e
print("ok")
