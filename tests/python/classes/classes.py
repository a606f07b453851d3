def t(f):
    try:
        print(f())
    except BaseException as e:
        print(type(e).__name__, e)
class A:
    x = 1
    def __init__(self, y=2): self.y = y
    def f(self): return self.x + self.y
    @property
    def p(self): return 'prop'
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(z): return z
print(A().f(), A().p, A.c(), A().c(), A.s(3))
def seta(): A().p = 3
t(seta)
def dela(): del A().q
t(dela)
class B(A):
    def f(self): return super().f() * 10
    def __repr__(self): return 'B!'
    def __eq__(self, o): return isinstance(o, B)
    def __add__(self, o): return ('add', o)
    def __radd__(self, o): return ('radd', o)
    def __getitem__(self, k): return k
    def __len__(self): return 3
    def __call__(self, *a, **k): return a, k
    def __contains__(self, x): return x == 5
    def __iter__(self): return iter([1, 2, 3])
    def __bool__(self): return False
b = B(5)
print(b.f(), b, b == B(), b != B(), b + 1, 1 + b, b[4], len(b), b(1, k=2), 5 in b, 6 in b, list(b), bool(b))
t(lambda: hash(b))
print(B.__mro__, B.__bases__, B.__name__, B.__qualname__, B.__module__)
print(A.__dict__.keys())
t(lambda: A(1, 2, 3))
t(lambda: object(1))
class E: pass
t(lambda: E(1))
class M(type):
    def __new__(m, n, b, d, **k):
        print('meta', n, k)
        return super().__new__(m, n, b, d)
    def __init__(c, n, b, d, **k): super().__init__(n, b, d)
    def __call__(c, *a): print('call', a); return super().__call__(*a)
    def mm(c): return 'mm'
class C(metaclass=M, kw=1): pass
print(C.mm(), type(C), C())
class D:
    def __init_subclass__(cls, **k): print('sub', cls, k)
class F(D, z=1): pass
class Desc:
    def __set_name__(self, o, n): print('set_name', o, n)
    def __get__(self, o, t=None): return ('get', o is None)
    def __set__(self, o, v): print('set', v)
class G:
    d = Desc()
print(G.d, G().d); G().d = 4
class S:
    __slots__ = ('a', 'b')
s = S(); s.a = 1
print(s.a); t(lambda: s.b); t(lambda: s.c)
def f(): s.c = 1
t(f)
print(S.a, A.p, A.f, A().f, len, [].append, list.append, list.__add__, [].__add__, A.__init__)
class L(list):
    def foo(self): return len(self)
l = L([1, 2, 3]); l.append(4); l.z = 1
print(l, l.foo(), l.z, isinstance(l, list), l[1:], L.__len__)
class I(int):
    def __repr__(self): return 'I%d' % int(self)
print(I(3), I(3) + 4, I(3) == 3, {I(3): 1}[3])
class T(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
tt = T(1, 2, 3); tt.q = 5
print(tt, tt.q, tt[1])
class St(str): pass
x = St('abc'); x.k = 1
print(x, x.upper(), x.k, type(x))
class Di(dict):
    def __missing__(self, k): return k * 2
print(Di(a=1)['a'], Di()['zz'])
class GA:
    def __getattr__(self, n):
        if n.startswith('q'): return n
        raise AttributeError(n)
print(GA().qq, hasattr(GA(), 'zz'), getattr(GA(), 'zz', 9))
print(type('X', (A,), {'k': 1})().k)
def bad(): 
    class X(int, str): pass
t(bad)
def bad():
    class X(A, object, A): pass
t(bad)
def bad():
    class X(object, A): pass
t(bad)
def bad():
    class X(bool): pass
t(bad)
t(lambda: type('a', 3, {}))
t(lambda: type(1, 2))
t(lambda: int.foo)
def bad(): int.foo = 1
t(bad)
print(list[int], int | str, dict[str, int] | None, isinstance(1, int | str))
try:
    raise ValueError('x') from KeyError('y')
except ValueError as e:
    print(repr(e), repr(e.__cause__), e.__suppress_context__, e.args)
print(str(OSError(2, 'no', 'f')), type(OSError(2, 'no')), KeyError('a'), repr(StopIteration(3).value))
eg = ExceptionGroup('g', [ValueError(1), TypeError(2)])
print(eg, eg.split(ValueError), repr(eg))
try:
    raise eg
except* ValueError as e:
    print('caught', e.exceptions)
except* TypeError as e:
    print('caught2', e.exceptions)
def deco(a: int, b: 'str' = 3, *c, d=1, **e) -> float: 'doc'
print(deco.__annotations__, deco.__defaults__, deco.__kwdefaults__, deco.__doc__, deco.__name__, deco.__code__.co_varnames)
class Ann:
    a: int
    b: str = 'x'
print(Ann.__annotations__)
print(sorted([3, 1, 2], key=lambda v: -v), max(1, 5, 2), min([4, 2], default=0), sum([1, 2.5]), abs(-3), divmod(7, 2), pow(2, 10, 1000), round(2.567, 1), hex(255), chr(65), ord('a'), all([1]), any([]))
print(dir(E())[:3], vars(A(1)), callable(A), repr(A), hash('a') == hash('a'))
class Dl:
    def __del__(self): print('del')
d = Dl(); del d
print(object.__reduce_ex__, (3).__class__, type(None), type(...), NotImplemented)
class P:
    def __lt__(self, o): return 'lt'
    def __gt__(self, o): return 'gt'
print(P() < P(), P() > 1, 1 < P())
t(lambda: P() <= 1)
class Q:
    def __iter__(self): self.n = 0; return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
print(list(Q()), [x for x in Q()], next(iter(Q())))
class H:
    __hash__ = None
t(lambda: hash(H()))
class It:
    __iter__ = None
t(lambda: iter(It()))
o = A(); o.__class__ = E
print(type(o), o.y)
A.newm = lambda self: 'new'
print(B().newm())
B.__len__ = lambda self: 77
print(len(b))
del B.__len__
t(lambda: len(b))
print(super(B, b).f())
t(lambda: A.f())
t(lambda: A().f(1,2))
class W:
    def __enter__(self): return 1
    def __exit__(self, *a): print(a[0]); return True
with W() as w: raise KeyError(1)
print(A.__doc__, property.__doc__[:20], int.__doc__[:20])
import sys
