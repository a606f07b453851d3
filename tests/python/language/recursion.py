"""The recursion limit is an exception, also in native recursion."""
import sys


def endless(n):
    return endless(n + 1)


for _ in range(3):
    try:
        endless(0)
    except RecursionError as e:
        assert "maximum recursion depth exceeded" in str(e), e
    else:
        raise AssertionError


class Loop:
    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, name)


for act in (repr, lambda x: x == 1, lambda x: x.y):
    try:
        act(Loop())
    except RecursionError:
        pass
    else:
        raise AssertionError

nested = []
for _ in range(50_000):
    nested = [nested]
try:
    assert len(repr(nested)) == 100_002
except RecursionError:
    pass
del nested

old = sys.getrecursionlimit()
sys.setrecursionlimit(200)
try:
    endless(0)
except RecursionError:
    pass
sys.setrecursionlimit(old)
assert sys.getrecursionlimit() == old
