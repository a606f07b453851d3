"""Construction and merging of containers, formatting, and equal keys."""
l = [1, 2, 3]; l.extend(l); assert l == [1, 2, 3] * 2
l += l; assert len(l) == 12
e = []; e.extend(e); assert e == []
e.extend(()); e.extend((1,)); e.extend(tuple(range(100))); assert e == [1] + list(range(100))
e.extend(x for x in 'ab'); assert e[-2:] == ['a', 'b']
assert list([]) == [] and list([object]) == [object] and list((1, 2)) == [1, 2]
class L(list): pass
assert L([1, 2]) == [1, 2] and list(L((3,))) == [3]
assert dict([('a', 1)], b=2) == {'a': 1, 'b': 2} and dict({'a': 1}) == {'a': 1} and dict() == {}
class D(dict): pass
d = D(a=1); assert d == {'a': 1} and type(d) is D
d.update(b=2); d.update({'c': 3}, d=4); d.update([('e', 5), ['f', 6]]); d.update()
assert d == dict(zip('abcdef', range(1, 7)))
try: d.update(1, 2)
except TypeError as x: assert str(x) == 'update expected at most 1 argument, got 2', x
try: dict(1)
except TypeError as x: assert str(x) == "'int' object is not iterable", x
try: dict([(1, 2, 3)])
except ValueError as x: assert 'length 3; 2 is required' in str(x), x
try: dict(a=1, **{'a': 2})
except TypeError as x: pass
assert set([1, 2, 1] * 10) == {1, 2} and set((1, 'a')) == {1, 'a'} and set([]) == set()
for a, b, m in ((3, 4, 5), (-3, 4, 5), (3, 4, -5), (2, 10**6, 10**9 + 7), (0, 0, 1), (5, 0, -7), (2**62, 2**61, 2**62 - 57), (-2**62, 3, -(2**61))):
    r = pow(a, b, m)
    assert r == (a ** b % m if b < 100 else r)
assert pow(3, -1, 7) == 5 and pow(2, 5, 1) == 0 and pow(2, 5, -1) == 0
assert '%s' % 'abc' == 'abc' and '%s%%' % 5 == '5%' and '%r|%s|%d' % ('a', 'é', 3) == "'a'|é|3" and '%s %s' % ('\u4e2d', 'x') == '\u4e2d x'
assert '%s' % ('',) == '' and ('%s' * 20) % tuple('a' * 20) == 'a' * 20 and '%%' % () == '%'
assert f'{1}{"a"}{"é"}' == '1aé' and f'{"中"}{1}' == '中1' and ''.join(f'{i}' for i in range(3)) == '012'
class T(tuple):
    def __eq__(self, o): return 'mine'
    __hash__ = tuple.__hash__
assert (T((1,)) in [(1,)]) is True and {(1,): 2}[T((1,))] == 2
import collections
N = collections.namedtuple('N', 'a b')
assert N(1, 2) == (1, 2) and {N(1, 2): 5}[1, 2] == 5 and [N(1, (2, 3))] == [(1, (2, 3))] and N(1, 2) != (1, 3)
assert {1: 'a'}[True] == 'a' and {True: 'b'}[1] == 'b' and {1.0: 'c'}[1] == 'c'
try: {}[5]
except KeyError: pass
print('ok')
