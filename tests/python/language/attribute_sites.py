"""Attributes through properties, super() and native descriptors, from sites that see many classes."""
class P:
    def __init__(self): self._x = 1
    @property
    def x(self): return self._x
    @x.setter
    def x(self, v): self._x = v
class Q(P):
    @property
    def x(self): return 'q'
class R(P):
    x = property(lambda self, k=5: k)
def get(o): return o.x
for _ in range(50):
    for o in (P(), Q(), R()):
        assert get(o) == {P: 1, Q: 'q', R: 5}[type(o)]
def getp(o): return o.x
p = P()
for i in range(5): assert getp(p) == 1
P.x = property(lambda self: 'new')
assert getp(p) == 'new'
P.x.fget.__code__ = (lambda self, j=3: j).__code__
P.x.fget.__defaults__ = (9,)
assert getp(p) == 9
class Err:
    @property
    def x(self): raise KeyError('x')
    @property
    def deep(self): return self.deep
def geterr(o): return o.x
for i in range(3):
    try: geterr(Err())
    except KeyError: pass
try: Err().deep
except RecursionError: pass
class N:
    def __new__(cls, a=1):
        self = super().__new__(cls)
        self.a = a
        return self
    @classmethod
    def make(cls, *a): return cls(*a)
class M(N):
    def __new__(cls, a=2): return super().__new__(cls, a + 1)
    @classmethod
    def make(cls, *a): return super().make(*a)
class K(M): pass
for i in range(20):
    assert N().a == 1 and M().a == 3 and K(5).a == 6 and type(K()) is K
    assert M.make(3).a == 4 and K.make().a == 3 and type(K.make()) is K
N.make = classmethod(lambda cls, *a: 'changed')
assert K.make() == 'changed'
class S(set): pass
s = {1}; s.update([2, 3]); s.update(); s.update((4,), {5}); assert s == {1, 2, 3, 4, 5}
t = S(); t.update('ab'); assert t == {'a', 'b'}
try: s.update(5)
except TypeError: pass
import math
assert math.gcd(12, 18) == 6 and math.gcd() == 0 and math.gcd(4) == 4 and math.gcd(12, 18, 27) == 3
import sys
f = sys._getframe()
def code(f): return f.f_code.co_name, f.f_lineno > 0
for i in range(5): assert code(f) == ('<module>', True)
import threading
l = threading.RLock()
for i in range(5):
    with l:
        with l: pass
try: l.__exit__(None, None, None)
except RuntimeError: pass
else: assert 0
try: type(l).__exit__()
except TypeError as e: pass
print('ok')
