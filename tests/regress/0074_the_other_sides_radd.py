"""`deque + x` and `array + x` ask x first whether it knows what to do."""
import array
import collections


class Right:
    def __radd__(self, other): return type(other).__name__


class Unsure:
    def __radd__(self, other): return NotImplemented


for left, message in (
    (collections.deque([1]), 'can only concatenate deque (not "{}") to deque'),
    (array.array("i", [1]), 'can only append array (not "{}") to array'),
):
    assert left + Right() == type(left).__name__
    for right in (Unsure(), 1, [2], "x", (), {}):
        try:
            left + right
        except TypeError as e:
            assert str(e) == message.format(type(right).__name__), e
        else:
            assert False, "it cannot be"
    assert left + left == type(left)(*([left.typecode] if hasattr(left, "typecode") else []), [1, 1])
