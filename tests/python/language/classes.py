"""Classes: inheritance, super, metaclasses, hooks, slots, descriptors."""


class A:
    kind = "a"

    def __init__(self, x):
        self.x = x

    def who(self):
        return ["A"]


class B(A):
    def who(self):
        return ["B", *super().who()]


class C(A):
    def who(self):
        return ["C", *super().who()]


class D(B, C):
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def who(self):
        return ["D", *super().who()]


d = D(1, 2)
assert d.who() == ["D", "B", "C", "A"] and vars(d) == {"x": 1, "y": 2}
assert [c.__name__ for c in D.__mro__] == ["D", "B", "C", "A", "object"]
assert isinstance(d, A) and issubclass(D, (int, C)) and not isinstance(d, str)
d.kind = "own"
assert d.kind == "own" and D.kind == "a"
del d.kind
assert d.kind == "a"
A.kind = "changed"
assert d.kind == "changed"
try:
    d.missing
except AttributeError as e:
    assert str(e) == "'D' object has no attribute 'missing'" and e.name == "missing" and e.obj is d

try:
    class X(A, B): pass
except TypeError as e:
    assert "consistent method resolution" in str(e)
else:
    raise AssertionError


class Meta(type):
    @classmethod
    def __prepare__(meta, name, bases, **keywords):
        return {"prepared": keywords}

    def __new__(meta, name, bases, namespace, **keywords):
        return super().__new__(meta, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **keywords):
        super().__init__(name, bases, namespace)
        cls.made = name.lower()

    def __call__(cls, *args):
        return ("made", super().__call__(*args))

    def __len__(cls):
        return 7

    @property
    def loud(cls):
        return cls.__name__.upper()


class M(metaclass=Meta, flag=3):
    pass


assert M.prepared == {"flag": 3} and M.made == "m" and len(M) == 7 and M.loud == "M" and type(M) is Meta
assert M()[0] == "made" and type(M()[1]) is M


class Base:
    children = []

    def __init_subclass__(cls, /, tag=None, **keywords):
        super().__init_subclass__(**keywords)
        Base.children.append((cls.__name__, tag))


class Child(Base, tag="t"):
    pass


class Grand(Child):
    pass


assert Base.children == [("Child", "t"), ("Grand", None)]


class Field:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name, 0)

    def __set__(self, obj, value):
        setattr(obj, self.name, value * 2)

    def __delete__(self, obj):
        delattr(obj, self.name)


class WithField:
    f = Field()


w = WithField()
assert w.f == 0
w.f = 4
assert w.f == 8 and w.__dict__ == {"_f": 8} and isinstance(WithField.f, Field)
del w.f
assert w.f == 0


class Slotted:
    __slots__ = ("a", "b")


s = Slotted()
s.a = 1
assert s.a == 1 and not hasattr(s, "b") and not hasattr(s, "__dict__")
try:
    s.c = 1
except AttributeError as e:
    assert str(e) == "'Slotted' object has no attribute 'c' and no __dict__ for setting new attributes", e
else:
    raise AssertionError


class P:
    def __init__(self):
        self._v = 1

    @property
    def v(self):
        "the value"
        return self._v

    @v.setter
    def v(self, value):
        self._v = value

    @v.deleter
    def v(self):
        self._v = None

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def add(a, b):
        return a + b

    @property
    def fixed(self):
        return 1


p = P.make()
p.v = 5
assert p.v == 5 and P.v.__doc__ == "the value" and P.add(1, 2) == p.add(1, 2) == 3
del p.v
assert p.v is None
try:
    p.fixed = 2
except AttributeError as e:
    assert str(e) == "property 'fixed' of 'P' object has no setter", e
else:
    raise AssertionError


class Dynamic:
    def __getattr__(self, name):
        if name.startswith("get_"):
            return name[4:]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, (name, value))

    def __delattr__(self, name):
        self.__dict__["deleted"] = name


y = Dynamic()
assert y.get_up == "up" and not hasattr(y, "other")
y.z = 3
assert y.z == ("z", 3)
del y.z
assert y.deleted == "z" and y.z == ("z", 3)

T = type("T", (A,), {"n": 5, "double": lambda self: self.n * 2})
assert T(1).double() == 10 and T.__name__ == "T" and T.__bases__ == (A,)
T.__call__ = lambda self, q: q + 1
assert T(0)(4) == 5


class Old: a = 1
class New: a = 2


o = Old()
o.__class__ = New
assert o.a == 2 and type(o) is New


class Inner:
    class Nested:
        pass


assert Inner.Nested.__qualname__ == "Inner.Nested" and repr(Inner.Nested) == "<class '__main__.Inner.Nested'>"


class Name:
    __secret = 1

    def read(self):
        return self.__secret


assert Name().read() == 1 and Name._Name__secret == 1
assert (lambda m: m.__self__.x)(D(9, 9).who) == 9 and D.who.__get__(d)() == d.who()
