"""Instances of classes without an __init__ of their own, which are made without a call; and of those that get one later."""
import abc

def refused(call):
    try:
        call()
    except TypeError as e:
        messages.append(str(e))
    else:
        raise AssertionError("TypeError expected")

messages = []
log=[]
class C: pass
class D(C): pass
C(); D()
C.__init__ = lambda self: log.append("C.init")
C(); D(); assert log==["C.init"]*2, log
del C.__init__
C(); D(); assert len(log)==2
C.__new__ = staticmethod(lambda cls: log.append("new") or object.__new__(cls))
C(); D(); assert log[2:]==["new","new"], log
del C.__new__
C()
class A: pass
class B:
    def __init__(self): log.append("B")
class E(A,B): pass
E(); assert log[-1]=="B"
n=len(log)
class F(A): pass
F(); assert len(log)==n
F.__bases__=(B,)
F(); assert len(log)==n+1
class G(abc.ABC):
    @abc.abstractmethod
    def f(self): pass
refused(lambda: G())
class H: __slots__=("a",)
h=H(); h.a=1
refused(lambda: H(1))
refused(lambda: H(x=1))
class M(type):
    def __call__(cls, *a): return 5
class I(metaclass=M): pass
assert I()==5
class J(metaclass=abc.ABCMeta): pass
assert type(J()) is J
class K(list): pass
assert K()==[]
class L(Exception): pass
L(); L(1)
for i in range(300):
    C(); H(); J(); D()
assert isinstance(object(), object)
refused(lambda: object(1))
assert messages == [
    "Can't instantiate abstract class G without an implementation for abstract method 'f'",
    "H() takes no arguments",
    "H() takes no arguments",
    "object() takes no arguments",
], messages
