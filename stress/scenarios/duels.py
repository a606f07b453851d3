"""One object of a native type at a time, which all threads use at once: read, change, close, set up again, give to native functions.

Some of what is given to it calls back, and does the same from inside. What a call gives does not matter: it must come back, and nothing must
crash. Each kind of object has operations of its own, and all have those at the end.
"""
import _random
import _thread
import array
import ast
import asyncio
import atexit
import codecs
import collections
import contextlib
import contextvars
import copy
import csv
import fcntl
import functools
import gc
import hashlib
import io
import itertools
import json
import marshal
import operator
import os
import pickle
import queue
import random
import re
import select
import signal
import socket
import string
import struct
import sys
import threading
import time
import types
import typing
import warnings
import weakref
import zlib

from _stress import choose, go

warnings.simplefilter("ignore")
sys.unraisablehook = lambda what: None
sys.setrecursionlimit(200)
signal.signal(signal.SIGUSR1, lambda *what: inside())
# Small numbers are taken for descriptors, and closed.
sys.stdout = open(fcntl.fcntl(1, fcntl.F_DUPFD, 100), "w")
THREADS = choose.randrange(2, 7)
MOST = 300
deep = threading.local()


def inside(what=None):
    """What a method does that is called back: something to the same object, but not for ever."""
    n, numbers = getattr(deep, "n", 0), getattr(deep, "numbers", choose)
    if n < 2 and numbers.random() < 0.5:
        deep.n = n + 1
        try:
            act(numbers)
        # What is raised in the main thread, by the handler of the signal, would end the process.
        except (Exception, SystemExit):
            pass
        finally:
            deep.n = n


class Back:
    """Whatever is asked of it, it does something to the object at hand first."""

    def __init__(self, n=1): self.n = n
    def __index__(self): inside(); return self.n
    def __int__(self): inside(); return self.n
    def __float__(self): inside(); return 1.5
    def __bool__(self): inside(); return self.n > 0
    def __eq__(self, other): inside(); return self is other
    def __lt__(self, other): inside(); return True
    def __hash__(self): inside(); return self.n
    def __len__(self): inside(); return 3
    def __getitem__(self, i): inside(); return (1, b"x", "y")[i]
    def __iter__(self): inside(); return iter([self, 2, b"z"])
    def __next__(self): inside(); return self.n
    def __call__(self, *args, **named): inside(); return self.n
    def __str__(self): inside(); return "s"
    def __repr__(self): inside(); return "r"
    def __format__(self, spec): inside(); return "f"
    def __fspath__(self): inside(); return "/dev/null"
    def __add__(self, other): inside(); return self
    __radd__ = __mul__ = __or__ = __sub__ = __and__ = __add__
    def __contains__(self, x): inside(); return True
    def __buffer__(self, flags): inside(); return memoryview(bytearray(b"buffer"))
    def __release_buffer__(self, view): inside()
    def __enter__(self): inside(); return self
    def __exit__(self, *what): inside()
    def __get__(self, *what): inside(); return 1
    def __set__(self, *what): inside()
    def __instancecheck__(self, x): inside(); return True
    def __reduce__(self): inside(); return int, (1,)
    def __copy__(self): inside(); return self
    def __del__(self): inside()
    def __missing__(self, key): inside(); return 1
    def keys(self): inside(); return ["a", "b"]
    def items(self): inside(); return [("a", 1)]
    def encode(self, *what): inside(); return b"e"
    def decode(self, *what): inside(); return "d"
    def append(self, x): inside()
    def send(self, x): inside(); return 1
    def throw(self, *what): inside(); raise KeyError
    def close(self): inside()


class Raw(io.RawIOBase):
    """A file below the buffered ones, which calls back."""

    left = 40

    def readable(self): return True
    def writable(self): return True
    def seekable(self): return True
    def readinto(self, b): inside(); self.left -= 1; n = min(len(b), 5 if self.left > 0 else 0); b[:n] = b"ab\ncd"[:n]; return n
    def write(self, b): inside(); return min(len(b), 7)
    def seek(self, to, whence=0): inside(); return to if to > 0 else 0
    def tell(self): inside(); return 3
    def truncate(self, size=None): inside(); return 0


class Plain:
    a = 1

    def method(self, *args): return args
    def __del__(self): pass


class Other(Plain):
    pass


class Text(str):
    def __eq__(self, other): inside(); return str.__eq__(self, other)
    def __hash__(self): inside(); return str.__hash__(self)


Var = contextvars.ContextVar("var", default=0)


def generator(n=20):
    for i in range(n):
        try:
            inside()
            yield i
        except KeyError:
            pass


def delegating():
    yield from generator(3)
    yield from Back()


async def agenerator():
    for i in range(10):
        inside()
        yield i


async def coroutine():
    inside()
    await Awaited()


class Awaited:
    def __await__(self): yield from generator(3)


def closure():
    cell, other = 0, []

    def inner(a=1, *args, key=2, **named):
        nonlocal cell
        cell = a
        return cell, other, key

    return inner


def failure():
    try:
        try:
            {}["no"]
        except KeyError as e:
            raise ValueError(1, "two") from e
    except ValueError as e:
        return e


def suspended():
    g = delegating()
    next(g)
    return g


def frame(): return suspended().gi_frame
def sockets(): return socket.socketpair()


def socket_():
    a, b = sockets()
    a.settimeout(0.001)
    b.setblocking(False)
    a.peer = b
    return a


class Socket(socket.socket):
    pass


def known(o):
    """The object at hand as an argument: what never ends is cut."""
    if isinstance(o, (BaseException, type)):
        # What refers to itself takes as long to show, or to make, as the stack is deep, squared.
        return Plain()
    return itertools.islice(o, 5) if hasattr(o, "__next__") else o


def argument(r):
    kind = r.randrange(16)
    if kind == 0: return r.randrange(-3, 9)
    if kind == 1: return r.choice(("a", "", "ä\n", "utf-8", "strict", "\U0001f600b"))
    if kind == 2: return b"ab\n"
    if kind == 3: return [1, "b", Back()]
    if kind == 4: return {"a": 1, 5: 6}
    if kind == 5: return (1, b"2", "c")
    if kind == 6: return None
    if kind == 7: return closure()
    if kind == 8: return bytearray(b"12345678")
    if kind == 9: return Plain()
    if kind == 10: return known(now[0])
    if kind == 11: return generator()
    if kind == 12: return 1.5
    return Back(r.randrange(5))


def buffer(r):
    return r.choice((bytearray(b"12345678"), array.array("b", b"abcd"), memoryview(bytearray(64)), Back(), b"bytes", b"x" * 5000))


# What each kind has besides: operations of (object, random numbers).
buffers = [
    lambda o, r: memoryview(o)[1:].tobytes(), lambda o, r: o.extend(o), lambda o, r: o.append(Back(1)), lambda o, r: o.pop(), lambda o, r: o.clear(),
    lambda o, r: o.__setitem__(slice(0, r.randrange(9), r.choice((None, 2, -1))), o), lambda o, r: o.__delitem__(slice(None, None, r.choice((1, 2)))),
    lambda o, r: struct.pack_into("bb", o, Back(0), 1, Back()), lambda o, r: struct.unpack_from("<h", o, 1), lambda o, r: bytes(o) + bytes(memoryview(o)),
    lambda o, r: o.insert(Back(1), 5), lambda o, r: o.__iadd__(b"abcd"), lambda o, r: io.BytesIO(b"abcdefgh").readinto(o), lambda o, r: zlib.crc32(o),
    lambda o, r: re.search(b"a+", o), lambda o, r: hashlib.sha256(o), lambda o, r: b"".join([o, o, Back()]), lambda o, r: o.remove(Back(97)),
    lambda o, r: [x for x in o], lambda o, r: o.reverse(), lambda o, r: int(o), lambda o, r: o.find(o), lambda o, r: o.__imul__(r.randrange(3)),
    lambda o, r: o.replace(b"a", o), lambda o, r: o.split(b"b"), lambda o, r: o.join([o]), lambda o, r: o.frombytes(o), lambda o, r: o.fromlist([1, Back(), 2]),
    lambda o, r: o.resize(r.randrange(50)), lambda o, r: o.hex(), lambda o, r: o.byteswap(), lambda o, r: o.translate(None, o), lambda o, r: o % (1,),
    lambda o, r: os.writev(Null, [o, o]), lambda o, r: os.readv(Zero, [memoryview(o), o]), lambda o, r: re.sub(b"a", lambda m: o.clear() or b"c", o),
    lambda o, r: [m.group() for m in re.finditer(b".", o)], lambda o, r: o.decode("utf-8", "replace"), lambda o, r: o.tolist(), lambda o, r: o.index(Back(98)),
]
views = [
    lambda o, r: o.release(), lambda o, r: o.cast("B").cast("b"), lambda o, r: o[1:3].release(), lambda o, r: o.tolist(), lambda o, r: o.__setitem__(Back(1), Back(3)),
    lambda o, r: o.__setitem__(slice(0, 4), o[4:8]), lambda o, r: o == o[:], lambda o, r: hash(o), lambda o, r: [x for x in o], lambda o, r: o.obj.clear(),
    lambda o, r: o.obj.extend(b"123"), lambda o, r: o.__exit__(), lambda o, r: o.hex(Back()), lambda o, r: o.toreadonly(),
    lambda o, r: struct.pack_into("b", o, 0, Back()),
    lambda o, r: o[::-1].tobytes("F"), lambda o, r: Zeros.readinto(o), lambda o, r: o.count(Back()), lambda o, r: o.index(Back()), lambda o, r: b"".join([o, Back(), o]),
    lambda o, r: memoryview(o).release(), lambda o, r: int.from_bytes(o), lambda o, r: bytearray(o), lambda o, r: o in [o],
]
files = [
    lambda o, r: o.read(r.choice((-1, 0, 1, 5, 9000, None))), lambda o, r: o.readline(), lambda o, r: o.readlines(), lambda o, r: o.write(buffer(r)),
    lambda o, r: o.write("text\n" * r.randrange(900)),
    lambda o, r: o.seek(r.choice((0, 1, 5, Back(2)))), lambda o, r: o.seek(0, 2), lambda o, r: o.tell(), lambda o, r: o.flush(),
    lambda o, r: r.random() < 0.1 and o.close(),
    lambda o, r: r.random() < 0.1 and o.detach(), lambda o, r: o.truncate(Back(3)), lambda o, r: next(o), lambda o, r: o.readinto(buffer(r)), lambda o, r: o.peek(3),
    lambda o, r: o.read1(4),
    lambda o, r: o.writelines(["a", Back(), "b"]), lambda o, r: o.writelines([b"a", Back()]), lambda o, r: o.getvalue(), lambda o, r: o.getbuffer().tobytes(),
    lambda o, r: o.getbuffer().__setitem__(0, 65), lambda o, r: o.__setstate__(o.__getstate__()), lambda o, r: o.__setstate__((b"abc", Back(1), None)),
    lambda o, r: o.__setstate__(("abc", "\n", Back(1), None)),
    lambda o, r: o.reconfigure(encoding=r.choice(("utf-8", "utf-16", "latin-1")), newline=r.choice((None, "", "\r\n"))),
    lambda o, r: o.reconfigure(line_buffering=Back(), write_through=Back()), lambda o, r: o.seek(o.tell()), lambda o, r: o.__init__(b"abc\n"),
    lambda o, r: o.__init__("abc\n", Back()),
    lambda o, r: o.__init__(Raw()), lambda o, r: o.__init__(io.BytesIO(b"b\nc"), "utf-8"), lambda o, r: o.__init__(io.BufferedRandom(Raw()), "utf-8"),
    lambda o, r: o.__init__(__file__, "rb"),
    lambda o, r: o.__init__(Raw(), r.choice((1, 16, 8192))), lambda o, r: o.__init__(Raw(), Raw()), lambda o, r: setattr(o, "_CHUNK_SIZE", r.randrange(-1, 20)),
    lambda o, r: [x for x in itertools.islice(o, 4)],
    lambda o, r: o.readinto1(buffer(r)), lambda o, r: o.raw.close(), lambda o, r: o.buffer.close(), lambda o, r: o.buffer.raw.write(b"a"), lambda o, r: o.fileno(),
    lambda o, r: o.__exit__(None, None, None),
    lambda o, r: o.newlines, lambda o, r: o.decode(b"a\r", Back()), lambda o, r: o.setstate((b"a", Back())), lambda o, r: o.getstate(), lambda o, r: o.reset(),
]
lists = [
    lambda o, r: o.append(Back()), lambda o, r: o.extend(o), lambda o, r: o.pop(), lambda o, r: o.clear(), lambda o, r: o.insert(Back(1), 1),
    lambda o, r: o.sort(key=lambda x: inside() or 1),
    lambda o, r: o.sort(), lambda o, r: o.remove(Back(1)), lambda o, r: o.index(Back(7)), lambda o, r: o.count(Back(7)), lambda o, r: o.__setitem__(slice(0, 2), Back()),
    lambda o, r: o.__delitem__(slice(None, None, 2)), lambda o, r: sum(o), lambda o, r: sorted(o, key=Back()), lambda o, r: o == list(o), lambda o, r: o.reverse(),
    lambda o, r: repr(o), lambda o, r: tuple(o),
    lambda o, r: o.popleft(), lambda o, r: o.appendleft(Back()), lambda o, r: o.rotate(Back(1)), lambda o, r: o.extendleft(o), lambda o, r: o.__imul__(Back(2)),
    lambda o, r: o.__init__(Back(), Back(4)),
    lambda o, r: o < o[:], lambda o, r: json.dumps(o, default=Back()), lambda o, r: "".join(o), lambda o, r: os.fsencode(o[0]), lambda o, r: max(o),
    lambda o, r: [*map(Back(), o, o)], lambda o, r: o.__init__(o),
    lambda o, r: select.select(o, o, [], 0), lambda o, r: marshal.dumps(o), lambda o, r: __import__("heapq").heappush(o, Back()),
    lambda o, r: __import__("heapq").heappop(o), lambda o, r: __import__("bisect").insort(o, Back()),
    lambda o, r: socket.socket.sendmsg(Pair[0], o), lambda o, r: __import__("heapq").heapify(o), lambda o, r: print(*o, file=Sink), lambda o, r: Sink.writelines(o),
    lambda o, r: csv.writer(Sink).writerow(o),
]
dicts = [
    lambda o, r: o.__setitem__(Back(r.randrange(9)), 1), lambda o, r: o.pop(Back(r.randrange(9)), None), lambda o, r: o.clear(), lambda o, r: o.update(Back()),
    lambda o, r: o.update(o), lambda o, r: o.setdefault(Back(3), Back()),
    lambda o, r: o.popitem(), lambda o, r: o.move_to_end(r.choice(list(o)), last=r.random() < 0.5), lambda o, r: [*o.items()], lambda o, r: [*reversed(o)],
    lambda o, r: o == dict(o), lambda o, r: o | {Back(): 1}, lambda o, r: o.copy(),
    lambda o, r: repr(o), lambda o, r: o.__init__(o), lambda o, r: o.fromkeys(Back(), 1), lambda o, r: closure()(**o), lambda o, r: o.items() & Back(),
    lambda o, r: o.keys() ^ {1, Back()}, lambda o, r: o.values() == o.values(),
    lambda o, r: o.popitem(last=False), lambda o, r: json.dumps(o, skipkeys=True, sort_keys=True), lambda o, r: o.__ior__({Text("a"): 1}), lambda o, r: o[Text("a")],
    lambda o, r: o.add(Back()), lambda o, r: o.discard(Back()),
    lambda o, r: o.intersection_update(Back()), lambda o, r: o.symmetric_difference_update(o), lambda o, r: o - {1, Back()}, lambda o, r: o.difference_update(Back()),
    lambda o, r: o <= {1}, lambda o, r: frozenset(o), lambda o, r: o.remove(Back()),
    lambda o, r: o.__setitem__(r.choice("abc"), Plain()), lambda o, r: o.subtract(o), lambda o, r: o.most_common(2), lambda o, r: exec("a = b", o),
    lambda o, r: type("T", (), o), lambda o, r: "%(a)s" % o, lambda o, r: o.default_factory,
    lambda o, r: setattr(o, "default_factory", Back()), lambda o, r: "{a}".format_map(o), lambda o, r: o.pop(Text("a")), lambda o, r: "x".translate(o),
    lambda o, r: o.__or__(o), lambda o, r: weakref.ref(o),
]
steps = [
    lambda o, r: next(o), lambda o, r: next(o, None), lambda o, r: [*itertools.islice(o, 5)], lambda o, r: o.send(r.choice((None, 1, Back()))),
    lambda o, r: o.throw(KeyError), lambda o, r: r.random() < 0.2 and o.close(),
    lambda o, r: copy.copy(o), lambda o, r: o.__reduce__(), lambda o, r: o.__setstate__(Back(1)), lambda o, r: o.__setstate__(r.randrange(4)),
    lambda o, r: operator.length_hint(o), lambda o, r: o.gi_frame.f_locals, lambda o, r: o.gi_frame.clear(),
    lambda o, r: o.gi_yieldfrom.close(), lambda o, r: o.gi_yieldfrom.send(None), lambda o, r: o.gi_frame.f_lineno, lambda o, r: o.gi_frame.f_back,
    lambda o, r: o.gi_running, lambda o, r: o.gi_code, lambda o, r: next(zip(o, o)),
    lambda o, r: o.asend(None).send(None), lambda o, r: o.athrow(KeyError).send(None), lambda o, r: o.aclose().send(None),
    lambda o, r: o.__anext__().throw(ValueError), lambda o, r: o.cr_frame.f_locals, lambda o, r: o.cr_await.close(),
    lambda o, r: o.__await__().send(None), lambda o, r: setattr(o, "__name__", "n"), lambda o, r: repr(o), lambda o, r: o.ag_frame.clear(), lambda o, r: o.ag_await,
    lambda o, r: [next(c) for _, c in itertools.islice(o, 3)], lambda o, r: next(o)[1].__next__(),
    lambda o, r: next(itertools.tee(o)[1]), lambda o, r: o.cr_await.send(None), lambda o, r: o.gi_frame.f_trace, lambda o, r: setattr(o.gi_frame, "f_trace", Back()),
    lambda o, r: sys.getsizeof(o),
]
functions = [
    lambda o, r: o(), lambda o, r: o(1, 2, key=3), lambda o, r: o(*Back(), **{Text("key"): 1}),
    lambda o, r: setattr(o, "__code__", r.choice((closure(), suspended_code)).__code__),
    lambda o, r: setattr(o, "__defaults__", r.choice((None, (1,), (Back(), 2)))),
    lambda o, r: setattr(o, "__kwdefaults__", r.choice((None, {"key": Plain()}))), lambda o, r: o.__kwdefaults__.clear(),
    lambda o, r: setattr(o.__closure__[0], "cell_contents", Plain()), lambda o, r: delattr(o.__closure__[0], "cell_contents"),
    lambda o, r: setattr(o, "__name__", Text("n")), lambda o, r: setattr(o, "__qualname__", "q"), lambda o, r: setattr(o, "__dict__", {"a": Plain()}),
    lambda o, r: o.__dict__.clear(), lambda o, r: setattr(o, "__annotations__", {"a": 1}),
    lambda o, r: setattr(o, "__annotate__", lambda f: {"a": Plain()}), lambda o, r: o.__annotations__, lambda o, r: setattr(o, "__type_params__", (1,)),
    lambda o, r: setattr(o, "__module__", Plain()), lambda o, r: setattr(o, "__doc__", Plain()),
    lambda o, r: o.__get__(Plain(), Plain)(), lambda o, r: types.FunctionType(o.__code__, o.__globals__, "f", o.__defaults__, o.__closure__)(), lambda o, r: repr(o),
    lambda o, r: o.__code__.replace(co_name="other"), lambda o, r: [*o.__code__.co_lines()],
    lambda o, r: o.__wrapped__, lambda o, r: o.__setstate__((closure(), (Back(), 1), {"key": Plain()}, None)), lambda o, r: o.keywords.clear(),
    lambda o, r: o.keywords.update(key=1), lambda o, r: o.cache_clear(), lambda o, r: o.cache_info(), lambda o, r: o(Back(r.randrange(5))),
    lambda o, r: o(r.randrange(20)), lambda o, r: o.register(int, closure()), lambda o, r: o.dispatch(bool), lambda o, r: setattr(o, "__self__", 1),
    lambda o, r: o.__func__, lambda o, r: o.__reduce__(), lambda o, r: pickle.dumps(o), lambda o, r: hash(o) == hash(o), lambda o, r: o == o,
    lambda o, r: contextvars.copy_context().run(o), lambda o, r: setattr(o, "__builtins__", {}), lambda o, r: functools.partial(o, 1)(2),
    lambda o, r: copy.deepcopy(o), lambda o, r: o.__init__(closure(), None, None), lambda o, r: o.getter(closure()).setter(closure()),
    lambda o, r: o.__set__(Plain(), 1),
    lambda o, r: o.__get__(None, Plain), lambda o, r: o.__delete__(Plain()), lambda o, r: setattr(o, "__isabstractmethod__", 1),
    lambda o, r: o.__set_name__(Plain, "x"), lambda o, r: o.__init__(Plain, Plain()), lambda o, r: o.method(), lambda o, r: o.a,
]


def suspended_code(a=3, *args, key=4, **named):
    cell = other = 1
    return lambda: cell


classes = [
    lambda o, r: setattr(o, "__bases__", r.choice(((Plain,), (Other,), (Plain, collections.abc.Sized)))), lambda o, r: setattr(o, "__name__", "N"),
    lambda o, r: setattr(o, "__qualname__", Text("N")), lambda o, r: setattr(o, "a", Back()), lambda o, r: delattr(o, "a"),
    lambda o, r: o().a, lambda o, r: o().method(), lambda o, r: setattr(o(), "b", 1),
    lambda o, r: setattr(o, r.choice(("__len__", "__eq__", "__hash__", "__call__", "__getattr__", "__iter__", "__del__", "__init__", "__new__")), r.choice((Back(), None, closure(),
    lambda *a: 1))),
    lambda o, r: delattr(o, r.choice(("__len__", "__eq__", "__hash__", "__call__", "__getattr__", "__iter__", "__del__", "__init__", "__new__"))),
    lambda o, r: o.__mro__, lambda o, r: o.mro(), lambda o, r: o.__subclasses__(), lambda o, r: type("Sub", (o,), {"c": 1})().a,
    lambda o, r: isinstance(o(), o), lambda o, r: issubclass(o, Back()), lambda o, r: setattr(o, "__doc__", "d"), lambda o, r: setattr(o, "__module__", "m"),
    lambda o, r: o.__dict__.items(), lambda o, r: len(o()), lambda o, r: o() == o(), lambda o, r: hash(o()), lambda o, r: o()(),
    lambda o, r: setattr(o(), "__class__", Other), lambda o, r: setattr(o, "__abstractmethods__", frozenset("a")), lambda o, r: delattr(o, "__abstractmethods__"),
    lambda o, r: setattr(o, "__annotations__", {}), lambda o, r: o.__annotations__, lambda o, r: super(o, o()).method(), lambda o, r: o.register(int),
    lambda o, r: isinstance(1, o), lambda o, r: o._abc_caches_clear(), lambda o, r: o | None, lambda o, r: o[int], lambda o, r: functools.total_ordering(o),
    lambda o, r: setattr(o, "__type_params__", ()), lambda o, r: o.__static_attributes__, lambda o, r: setattr(o, "__match_args__", ("a",)),
    lambda o, r: gc.collect(0),
    lambda o, r: setattr(o, "__getattribute__", Plain.__getattribute__), lambda o, r: delattr(o, "__getattribute__"),
    lambda o, r: setattr(o, "__class_getitem__", classmethod(closure())), lambda o, r: setattr(o, "__slots__", ()),
]
instances = [
    lambda o, r: setattr(o, r.choice("abcdefgh"), Plain()), lambda o, r: delattr(o, r.choice("abcdefgh")),
    lambda o, r: setattr(o, "__class__", r.choice((Plain, Other))), lambda o, r: setattr(o, "__dict__", {"a": Plain(), "z": 1}), lambda o, r: o.__dict__.clear(),
    lambda o, r: o.__dict__, lambda o, r: vars(o).update(a=1, k=2),
    lambda o, r: delattr(o, "__dict__"), lambda o, r: o.a, lambda o, r: o.__dict__.popitem(), lambda o, r: copy.copy(o), lambda o, r: o.__getstate__(),
    lambda o, r: weakref.ref(o, Back())(), lambda o, r: o.__init__(**{Text("a"): 1}), lambda o, r: repr(o), lambda o, r: o == types.SimpleNamespace(a=1),
    lambda o, r: setattr(o, Text("a"), 1),
    lambda o, r: o.__dict__.__setitem__(1, 2), lambda o, r: o.__setattr__("a", Back()), lambda o, r: getattr(o, "method")(1), lambda o, r: o.__replace__(a=1),
    lambda o, r: type(o).__dict__["__dict__"].__set__(o, {}), lambda o, r: sys.getsizeof(o), lambda o, r: hash(o), lambda o, r: object.__reduce_ex__(o, 2),
]
errors = [
    lambda o, r: setattr(o, "__traceback__", r.choice((None, failure().__traceback__))), lambda o, r: setattr(o, "__cause__", r.choice((None, failure(), o))),
    lambda o, r: setattr(o, "__context__", r.choice((None, failure(), o))), lambda o, r: o.with_traceback(failure().__traceback__), lambda o, r: o.add_note("n"),
    lambda o, r: o.__notes__.clear(),
    lambda o, r: setattr(o, "args", r.choice(((), (1, 2), Back()))), lambda o, r: str(o), lambda o, r: repr(o), lambda o, r: raised(o),
    lambda o, r: raised(o, failure()), lambda o, r: o.__init__(1, Back()), lambda o, r: o.__setstate__({"a": Plain()}), lambda o, r: o.__reduce__(),
    lambda o, r: copy.copy(o), lambda o, r: o.split(ValueError), lambda o, r: o.subgroup(Back()), lambda o, r: o.derive([ValueError()]),
    lambda o, r: setattr(o.__traceback__, "tb_next", r.choice((None, failure().__traceback__))), lambda o, r: setattr(o.__traceback__, "tb_next", o.__traceback__),
    lambda o, r: o.__traceback__.tb_frame.f_locals, lambda o, r: o.__traceback__.tb_frame.clear(), lambda o, r: o.__traceback__.tb_lineno,
    lambda o, r: __import__("traceback").format_exception(o),
    lambda o, r: setattr(o, "start", Back(2)), lambda o, r: setattr(o, "object", "ab"), lambda o, r: setattr(o, "reason", "r"), lambda o, r: setattr(o, "end", 99),
    lambda o, r: o.exceptions, lambda o, r: grouped(o), lambda o, r: setattr(o, "errno", Back()), lambda o, r: setattr(o, "filename", Plain()),
    lambda o, r: setattr(o, "text", "x"), lambda o, r: setattr(o, "lineno", Back()),
]


def raised(e, cause=None):
    try:
        if cause: raise e from cause
        raise e
    except type(e):
        pass


def grouped(e):
    try:
        raise e
    except* ValueError:
        pass


frames = [
    lambda o, r: o.f_locals, lambda o, r: o.f_locals.update(n=1), lambda o, r: o.f_locals.__setitem__("extra", Plain()),
    lambda o, r: o.f_locals.__setitem__("i", Back()), lambda o, r: [*o.f_locals.items()], lambda o, r: o.f_lineno, lambda o, r: setattr(o, "f_trace", Back()),
    lambda o, r: delattr(o, "f_trace"), lambda o, r: setattr(o, "f_lineno", o.f_lineno),
    lambda o, r: setattr(o, "f_trace_lines", False), lambda o, r: setattr(o, "f_trace_opcodes", True), lambda o, r: o.f_back,
    lambda o, r: r.random() < 0.1 and o.clear(), lambda o, r: o.f_generator.send(None), lambda o, r: next(o.f_generator), lambda o, r: repr(o),
    lambda o, r: o.f_lasti, lambda o, r: o.f_code, lambda o, r: o.f_builtins, lambda o, r: o.f_locals.pop("extra"), lambda o, r: copy.copy(o.f_locals),
    lambda o, r: o.f_generator.close(), lambda o, r: o.f_generator.throw(KeyError), lambda o, r: eval("1", o.f_globals, o.f_locals),
    lambda o, r: o.f_locals == o.f_locals, lambda o, r: o.f_locals | {}, lambda o, r: o.f_locals.setdefault("q", Plain()),
]
tools = [
    lambda o, r: o.compress(buffer(r)), lambda o, r: o.flush(r.choice((zlib.Z_SYNC_FLUSH, zlib.Z_FINISH))), lambda o, r: o.decompress(Packed, Back(9)),
    lambda o, r: o.decompress(Packed), lambda o, r: o.copy(), lambda o, r: o.unconsumed_tail, lambda o, r: o.unused_data, lambda o, r: o.eof,
    lambda o, r: o.flush(Back(3)), lambda o, r: o.flush(),
    lambda o, r: o.update(buffer(r)), lambda o, r: o.hexdigest(), lambda o, r: o.digest(Back(5)), lambda o, r: o.digest(), lambda o, r: o.update(b"x" * 100000),
    lambda o, r: o.seed(r.choice((1, Back(), "a"))), lambda o, r: o.getrandbits(Back(70)), lambda o, r: o.random(), lambda o, r: o.setstate(o.getstate()),
    lambda o, r: o.jumpahead, lambda o, r: o.shuffle([1, 2, 3]),
    lambda o, r: o.gauss(0, 1), lambda o, r: o.sample(range(9), 3), lambda o, r: o.pack(Back(), Back()), lambda o, r: o.unpack(b"abcdef"),
    lambda o, r: o.__init__(r.choice(("<ih", "3s", "<Q", Text("hh")))), lambda o, r: o.pack_into(bytearray(9), Back(1), 1, 2),
    lambda o, r: [*o.iter_unpack(b"abcdef")], lambda o, r: o.unpack_from(buffer(r)), lambda o, r: o.size, lambda o, r: o.format,
    lambda o, r: o.match(r.choice(("aab", "b" * 200))), lambda o, r: o.search("xaab"), lambda o, r: o.group(), lambda o, r: o.expand(r"\1"),
    lambda o, r: o.sub(Back(), "aab"), lambda o, r: o.sub(lambda m: m.group(), "aab"), lambda o, r: o.findall(Text("aab")), lambda o, r: o.split("aab"),
    lambda o, r: o.scanner("aab").match(), lambda o, r: o.groupdict(Back()), lambda o, r: o[Back(1)], lambda o, r: o.span(Back(0)),
    lambda o, r: next(o), lambda o, r: o.writerow(Back()), lambda o, r: o.writerow([1, Back(), "a,b"]), lambda o, r: o.writerows([[1], Back()]),
    lambda o, r: o.line_num, lambda o, r: o.dialect, lambda o, r: o.encode({"a": [Back(), {1: 2}]}), lambda o, r: o.decode('{"a": [1, 2.5]}'),
    lambda o, r: [*o.iterencode([1, {"b": 2}])], lambda o, r: o.raw_decode("[1]"), lambda o, r: setattr(o, "default", Back()),
    lambda o, r: setattr(o, "object_hook", Back()),
    lambda o, r: o.run(inside), lambda o, r: o.run(Var.set, Plain()), lambda o, r: o.run(o.run, inside), lambda o, r: o.get(Var), lambda o, r: o.get(timeout=0),
    lambda o, r: o.set(Plain()), lambda o, r: o.reset(o.set(1)), lambda o, r: [*o.items()], lambda o, r: o == o.copy(), lambda o, r: Var.reset(o),
    lambda o, r: o.__enter__(), lambda o, r: o.__exit__(None, None, None), lambda o, r: o.var, lambda o, r: o.old_value,
    lambda o, r: o.acquire(timeout=0.001), lambda o, r: o.acquire(False), lambda o, r: o.release(), lambda o, r: o.locked(), lambda o, r: o._at_fork_reinit(),
    lambda o, r: o._release_save(), lambda o, r: o._recursion_count(),
    lambda o, r: o.x, lambda o, r: setattr(o, "x", Back()), lambda o, r: o.__dict__, lambda o, r: o.__dict__.clear(), lambda o, r: delattr(o, "x"),
    lambda o, r: o.__init__(), lambda o, r: o(), lambda o, r: o() is o.__callback__, lambda o, r: hash(o), lambda o, r: o == weakref.ref(Keep),
    lambda o, r: o.__init__(Keep, Back()), lambda o, r: o.detach(), lambda o, r: o.peek(), lambda o, r: setattr(o, "atexit", Back()),
    lambda o, r: o.pop("a"), lambda o, r: o.add(Keep), lambda o, r: [*o], lambda o, r: o.__setitem__("k", Plain()), lambda o, r: o.__setitem__(Plain(), 1),
    lambda o, r: o.popitem(), lambda o, r: o.evaluate_value(1), lambda o, r: o.__value__, lambda o, r: o.__bound__, lambda o, r: o.__default__,
    lambda o, r: o.__constraints__, lambda o, r: o[int], lambda o, r: o.__parameters__, lambda o, r: o.__args__, lambda o, r: o.values, lambda o, r: o.interpolations,
    lambda o, r: o + t"x{1}",
    lambda o, r: setattr(o, "a", Back()), lambda o, r: o.__replace__(), lambda o, r: o._fields, lambda o, r: setattr(o, "body", [Back()]),
    lambda o, r: compile(o, "f", "exec"), lambda o, r: o.body.clear(), lambda o, r: o.body.append(ast.parse("x").body[0]), lambda o, r: ast.dump(o),
    lambda o, r: o.__setstate__((1, 2)), lambda o, r: o.find(b"a"), lambda o, r: setattr(o, "obj", Back()), lambda o, r: o < o,
]
descriptors = [
    lambda o, r: o.recv(5), lambda o, r: o.send(buffer(r)), lambda o, r: o.recv_into(bytearray(9), Back(3)), lambda o, r: o.recv_into(buffer(r)),
    lambda o, r: o.peer.send(b"data"), lambda o, r: o.peer.recv(9), lambda o, r: r.random() < 0.1 and o.close(), lambda o, r: r.random() < 0.1 and o.peer.close(),
    lambda o, r: o.settimeout(r.choice((0, 0.001, 0.002, Back(0)))), lambda o, r: o.fileno(),
    lambda o, r: r.random() < 0.1 and os.close(o.detach()), lambda o, r: o.shutdown(Back(1)), lambda o, r: o.makefile("rb").close(),
    lambda o, r: o.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), lambda o, r: o.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, Back(5000)),
    lambda o, r: o.sendall(b"x" * 9000), lambda o, r: o.sendmsg([b"a", buffer(r), Back()]), lambda o, r: o.recvmsg(Back(5)),
    lambda o, r: o.recvmsg_into([bytearray(3), buffer(r)]),
    lambda o, r: o.getsockname(), lambda o, r: o.dup().close(), lambda o, r: o.family, lambda o, r: repr(o), lambda o, r: select.select([o, Back(0)], [o], [], 0),
    lambda o, r: o.register(Pair[0], Back(1)), lambda o, r: o.unregister(Pair[0]), lambda o, r: o.modify(Pair[0], select.POLLIN), lambda o, r: o.poll(0),
    lambda o, r: o.poll(0.001), lambda o, r: o.poll(0, Back(3)), lambda o, r: o.closed, lambda o, r: o.__init__(fileno=os.dup(0)), lambda o, r: o.__init__(),
    lambda o, r: next(o).stat(), lambda o, r: next(o).is_dir(), lambda o, r: [e.name for e in itertools.islice(o, 3)], lambda o, r: os.fspath(next(o)),
    lambda o, r: o.inode(), lambda o, r: o.stat(follow_symlinks=Back()), lambda o, r: o.is_file(), lambda o, r: o.connect(Back()), lambda o, r: o.listen(Back(1)),
    lambda o, r: o.set_inheritable(Back()), lambda o, r: o.register(o, 1),
]
queues = [lambda o, r: o.put(Back()), lambda o, r: o.get_nowait(), lambda o, r: o.get(timeout=0.001), lambda o, r: o.get(False), lambda o, r: o.qsize(), lambda o, r: o.empty(), lambda o, r: gc.collect(0)]
# Of the process, not of an object.
whole = [
    lambda o, r: sys.settrace(r.choice((None, None, None, tracer))), lambda o, r: sys.setprofile(r.choice((None, None, None, tracer))),
    lambda o, r: threading.settrace_all_threads(r.choice((None, tracer))), lambda o, r: threading.setprofile_all_threads(None),
    lambda o, r: sys.monitoring.use_tool_id(3, "t"), lambda o, r: sys.monitoring.free_tool_id(3),
    lambda o, r: sys.monitoring.register_callback(3, 1 << r.randrange(16), r.choice((None, Back(), closure(), lambda *a: sys.monitoring.DISABLE))),
    lambda o, r: sys.monitoring.set_events(3, r.choice((0, 1, 2, 32, 64, 1 | 2 | 4))),
    lambda o, r: sys.monitoring.set_local_events(3, closure().__code__, r.choice((0, 1, 32))), lambda o, r: sys.monitoring.restart_events(),
    lambda o, r: sys.monitoring.clear_tool_id(3), lambda o, r: warnings.warn("w" + str(r.randrange(5)), DeprecationWarning),
    lambda o, r: warnings.simplefilter(r.choice(("ignore", "default", "always"))) or warnings.resetwarnings() or warnings.simplefilter("ignore"),
    lambda o, r: signal.raise_signal(signal.SIGUSR1), lambda o, r: signal.signal(signal.SIGUSR1, Back()), lambda o, r: signal.getsignal(signal.SIGUSR1),
    lambda o, r: signal.pthread_sigmask(signal.SIG_BLOCK, Back()), lambda o, r: signal.set_wakeup_fd(-1), lambda o, r: atexit.register(Plain().method),
    lambda o, r: atexit.unregister(Back()), lambda o, r: atexit._run_exitfuncs(), lambda o, r: sys._current_frames(), lambda o, r: sys._current_exceptions(),
    lambda o, r: [f.f_locals for f in sys._current_frames().values()], lambda o, r: [f.f_lineno for f in sys._current_frames().values()],
    lambda o, r: gc.get_objects()[:5],
    lambda o, r: gc.get_referrers(o), lambda o, r: gc.get_referents(o), lambda o, r: gc.collect(), lambda o, r: gc.freeze() or gc.unfreeze(),
    lambda o, r: gc.callbacks.append(Back()) or gc.callbacks.clear(), lambda o, r: gc.set_threshold(Back(100)), lambda o, r: sys.intern(str(r.random())),
    lambda o, r: sys.setswitchinterval(0.001), lambda o, r: sys.set_asyncgen_hooks(Back(), Back()), lambda o, r: [*itertools.islice(asyncs(), 2)],
    lambda o, r: codecs.lookup(r.choice(("utf-8", "no", "latin-1"))),
    lambda o, r: codecs.register(Searcher), lambda o, r: codecs.unregister(Searcher), lambda o, r: codecs.register_error("duel", Back()),
    lambda o, r: "ä".encode("ascii", "duel"), lambda o, r: codecs._unregister_error("duel"), lambda o, r: sys.modules.pop("colorsys", None),
    lambda o, r: __import__("colorsys").rgb_to_hsv(1, 2, 3), lambda o, r: sys.path_importer_cache.clear(), lambda o, r: sys.setrecursionlimit(r.randrange(190, 220)),
    lambda o, r: _thread.start_new_thread(Plain().method, (1,)), lambda o, r: sys.exception(), lambda o, r: os.environ.__setitem__("DUEL", "1"),
    lambda o, r: os.environ.pop("DUEL"), lambda o, r: time.strftime("%Y"), lambda o, r: random.random(), lambda o, r: os.stat("/"),
    lambda o, r: __import__("locale").localeconv(), lambda o, r: socket.setdefaulttimeout(None),
    lambda o, r: eval(compile("[x for x in (1, 2)]", "f", "eval")), lambda o, r: ast.parse("def f(x): return x"), lambda o, r: sys._getframe().f_back.f_back.f_locals,
    lambda o, r: contextvars.copy_context().run(Var.get), lambda o, r: sys.unraisablehook, lambda o, r: csv.register_dialect("d", delimiter=";"),
    lambda o, r: csv.unregister_dialect("d"), lambda o, r: csv.get_dialect("d"), lambda o, r: csv.field_size_limit(Back(131072)), lambda o, r: re.purge(),
    lambda o, r: struct._clearcache(), lambda o, r: typing.get_type_hints(closure()),
]


def tracer(frame, event, arg):
    if deep.__dict__.get("n", 0) == 0 and event == "line" and getattr(deep, "numbers", choose).random() < 0.02:
        inside()
    return tracer


def asyncs():
    g = agenerator()
    try:
        g.asend(None).send(None)
    except StopIteration:
        pass
    yield g


def Searcher(name):
    inside()
    return None


class Hashed(dict):
    def __missing__(self, key): inside(); return key


class Counted(list):
    def __getitem__(self, i): inside(); return list.__getitem__(self, i)


Keep = Plain()
Null = os.open("/dev/null", os.O_WRONLY)
Zero = os.open("/dev/zero", os.O_RDONLY)
Zeros = open("/dev/zero", "rb", 0)
Sink = io.StringIO()
Pair = sockets()
for s in Pair: s.setblocking(False)
Packed = zlib.compress(b"some data " * 100)
A = typing.TypeVar("A")
kinds = [
    (buffers, [lambda: bytearray(b"abc def 12"), lambda: array.array("i", range(6)), lambda: array.array("b", b"abc"), lambda: array.array("d", [1.5, 2]),
             lambda: array.array("w", "abc"), lambda: bytearray(b"\xff" * 3000)]),
    (views, [lambda: memoryview(bytearray(b"abcdefgh")), lambda: memoryview(array.array("i", range(6))), lambda: memoryview(io.BytesIO(b"abcdef").getbuffer()),
             lambda: memoryview(bytearray(12)).cast("i"), lambda: memoryview(bytearray(24)).cast("B", (2, 3, 4)), lambda: io.BytesIO(b"abcdef").getbuffer(),
             lambda: memoryview(Back())]),
    (files, [lambda: io.BytesIO(b"abc\ndef\n" * 50), lambda: io.StringIO("abc\ndef\n" * 50), lambda: io.TextIOWrapper(io.BytesIO(b"abc\ndef\n" * 2000)),
             lambda: io.BufferedReader(Raw()), lambda: io.BufferedWriter(Raw(), 16), lambda: io.BufferedRandom(Raw()), lambda: io.BufferedRWPair(Raw(), Raw()),
             lambda: io.TextIOWrapper(io.BufferedRandom(Raw()), "utf-8", newline=""),
             lambda: io.TextIOWrapper(io.BufferedWriter(Raw()), "utf-16", write_through=True),
             lambda: io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")(), True), lambda: io.IncrementalNewlineDecoder(Back(), True),
             lambda: codecs.getincrementaldecoder("utf-8")(), lambda: codecs.getincrementalencoder("utf-16")(),
             lambda: codecs.StreamReaderWriter(io.BytesIO(b"abc\n"), codecs.getreader("utf-8"), codecs.getwriter("utf-8")), lambda: Raw()]),
    (lists, [lambda: [1, "a", None, 2.5, Back()], lambda: [*range(60)], lambda: collections.deque([1, 2, Back()], maxlen=40), lambda: Counted([1, 2, 3]),
             lambda: collections.UserList([1, 2]), lambda: collections.deque("abc"), lambda: [3, 2, 1, 5], lambda: ["a", "b"]]),
    (dicts, [lambda: {"a": 1, 2: "b", Back(2): 3}, lambda: {i: i for i in range(30)}, lambda: collections.OrderedDict(a=1, b=2, c=3),
             lambda: collections.defaultdict(Back(), a=1), lambda: collections.Counter("abca"), lambda: {1, 2, Back(3)}, lambda: set("abcdefgh"), lambda: Hashed(a=1),
             lambda: collections.ChainMap({1: 2}, {3: 4}), lambda: weakref.WeakValueDictionary(a=Keep), lambda: weakref.WeakKeyDictionary({Keep: 1}),
             lambda: weakref.WeakSet([Keep]), lambda: types.MappingProxyType({1: 2}), lambda: {"a": 1, "b": 2}]),
    (steps, [generator, delegating, suspended, coroutine, agenerator, lambda: (x for x in Back()), lambda: agenerator().__anext__(), lambda: coroutine().__await__(),
             lambda: agenerator().athrow(KeyError), lambda: iter([1, 2, 3] * 30), lambda: reversed([1, 2, 3] * 30), lambda: iter({i: 1 for i in range(50)}),
             lambda: iter({i for i in range(50)}), lambda: iter(collections.deque([1, 2, 3] * 30)), lambda: reversed(collections.deque([1, 2] * 30)),
             lambda: iter(array.array("i", range(90))),
             lambda: iter("abc" * 30), lambda: iter(b"abc" * 30), lambda: iter(bytearray(b"abc" * 30)), lambda: iter(memoryview(b"abc" * 30)),
             lambda: iter(range(100)), lambda: iter(range(2**70, 2**70 + 50)), lambda: enumerate(generator(), 2**62 - 3),
             lambda: zip(generator(), generator(), strict=True), lambda: map(Back(), generator()), lambda: filter(Back(), generator()), lambda: iter(Back(), 7),
             lambda: iter(collections.OrderedDict.fromkeys(range(50))),
             lambda: itertools.accumulate(generator(), Back()), lambda: itertools.chain(generator(), [2, 3], Back()),
             lambda: itertools.chain.from_iterable([[1], generator(), Back()]), lambda: itertools.combinations("abcdef", 3),
             lambda: itertools.combinations_with_replacement("abcd", 3), lambda: itertools.permutations("abcde", 4),
             lambda: itertools.product("ab", [1, 2], repeat=3), lambda: itertools.compress(generator(), generator()),
             lambda: itertools.dropwhile(Back(), generator()),
             lambda: itertools.takewhile(Back(), generator()), lambda: itertools.filterfalse(Back(0), generator()), lambda: itertools.groupby(generator(), Back()),
             lambda: itertools.groupby("aabbcc" * 9), lambda: itertools.islice(generator(), 1, 15, 2), lambda: itertools.starmap(Back(), zip("abc" * 9)),
             lambda: itertools.zip_longest(generator(5), generator(9)), lambda: itertools.pairwise(generator()),
             lambda: itertools.batched(generator(), 2, strict=True), lambda: itertools.tee(generator(90))[0],
             lambda: itertools.repeat(Plain(), 50), lambda: itertools.count(2**47 - 20), lambda: itertools.count(-2**47, -1), lambda: itertools.count(1.5, Back()),
             lambda: itertools.cycle(generator(4)), lambda: iter(Counted([1, 2, 3] * 9)), lambda: reversed(Counted([1, 2, 3])),
             lambda: re.finditer("a", "banana" * 9), lambda: struct.iter_unpack("<h", bytearray(b"abcdef" * 9)),
             lambda: json.scanner.c_make_scanner(json.JSONDecoder()), lambda: re.compile("a").scanner("ababab"), lambda: csv.reader(generator()),
             lambda: csv.reader(['a,b', '"c\n', 'd"', "e"] * 9), lambda: os.scandir("/"), lambda: t"a{1}b{2}c".__iter__(), lambda: closure().__code__.co_positions(),
             lambda: closure().__code__.co_lines(), lambda: iter(io.BytesIO(b"a\nb\n" * 9)), lambda: iter({1: 2, 3: 4}.items()),
             lambda: reversed({i: 2 for i in range(9)}.values()), lambda: contextlib.closing(generator()), lambda: itertools.tee(itertools.tee(generator())[0], 3)[2],
             lambda: iter(string.Formatter().parse("a{b}c{d}")), lambda: iter(queue.SimpleQueue().get_nowait, 1),
             lambda: __import__("tokenize").generate_tokens(io.StringIO("a = 1\nb = (2,\n3)\n").readline),
             lambda: __import__("_tokenize").TokenizerIter(io.StringIO("a = 1\nb = (2,\n3)\n" * 9).readline, extra_tokens=True),
             lambda: iter(ast.walk(ast.parse("a + b"))), lambda: types.AsyncGeneratorType.__aiter__(agenerator()), lambda: anext(agenerator(), 1),
             lambda: types.coroutine(generator)()]),
    (functions, [closure, lambda: functools.partial(closure(), 1, key=2), lambda: functools.lru_cache(maxsize=4)(closure()),
             lambda: functools.lru_cache(None)(closure()), lambda: functools.lru_cache(2, typed=True)(Back()), lambda: functools.singledispatch(closure()),
             lambda: property(closure(), closure()), lambda: staticmethod(closure()), lambda: classmethod(closure()), lambda: functools.cached_property(closure()),
             lambda: Plain().method, lambda: [].append, lambda: operator.itemgetter(1, 2), lambda: operator.attrgetter("a.b", "c"),
                 lambda: operator.methodcaller("method", Back(), key=1), lambda: functools.cmp_to_key(Back())(1), lambda: super(Other, Other()),
                 lambda: functools.partialmethod(closure(), 1), lambda: functools.partial(functools.partial(closure(), functools.Placeholder, 2), 1),
                 lambda: suspended_code, lambda: contextlib.contextmanager(generator), lambda: types.MethodType(Back(), 1),
                 lambda: functools.partial(Back(), Back())]),
    (classes, [lambda: type("Made", (Plain,), {"b": 2}), lambda: type("Made", (Other,), {"__slots__": ("s", "t")}),
             lambda: collections.abc.Sized.__class__("Abstract", (Plain,), {}), lambda: type(Plain)("Deep", (type("Below", (Other,), {}),), {}),
             lambda: types.new_class("New", (Plain,)), lambda: collections.namedtuple("Named", "a b"), lambda: type("Error", (ValueError,), {}),
             lambda: type("Dict", (dict,), {"a": 1})]),
    (instances, [Plain, lambda: types.SimpleNamespace(a=1, b=Back()), lambda: types.ModuleType("made"), Other, lambda: threading.local(),
             lambda: type("Slots", (), {"__slots__": ("a", "b", "c", "__dict__", "__weakref__")})(), lambda: argparse_namespace(),
             lambda: type("List", (list,), {})([1]), lambda: type("Int", (int,), {})(5), lambda: type("Tuple", (tuple,), {})((1, 2)), lambda: Sibling()]),
    (errors, [failure, lambda: ExceptionGroup("some", [ValueError(1), TypeError(2), ExceptionGroup("in", [KeyError(3)])]),
             lambda: UnicodeDecodeError("utf-8", b"abc", 1, 2, "r"), lambda: UnicodeEncodeError("utf-8", "abc", 1, 2, "r"), lambda: OSError(2, "two", "file"),
             lambda: SyntaxError("bad", ("f", 1, 2, "text", 1, 3)), lambda: StopIteration(Back()), lambda: KeyError(Back()),
             lambda: ImportError("i", name="n", path=Plain()), lambda: NameError("n"), lambda: AttributeError("a", name="n", obj=Plain()),
             lambda: UnicodeTranslateError("abc", 1, 2, "r"), lambda: SystemExit(1)]),
    (frames, [frame, lambda: failure().__traceback__.tb_frame, lambda: coroutine().cr_frame, lambda: agenerator().ag_frame,
             lambda: (g := generator(), next(g))[0].gi_frame, lambda: sys._getframe(), lambda: eval("__import__('sys')._getframe()", {}, {})]),
    (tools, [lambda: zlib.compressobj(), lambda: zlib.decompressobj(), lambda: zlib.decompressobj(zdict=b"some"), lambda: zlib._ZlibDecompressor(),
             lambda: hashlib.sha256(b"a"), lambda: hashlib.md5(), lambda: hashlib.blake2b(b"a"), lambda: hashlib.shake_128(b"a"), lambda: _random.Random(1),
             lambda: random.Random(1), lambda: struct.Struct("<ih"), lambda: re.compile("(a+)+b?"), lambda: re.match(r"(?P<a>\w)(\d)?", "a1b"),
             lambda: csv.writer(Back()), lambda: csv.writer(io.StringIO()), lambda: csv.reader(generator()),
             lambda: json.JSONEncoder(indent=1, default=Back()), lambda: json.JSONDecoder(object_hook=Back()), contextvars.copy_context,
             lambda: contextvars.ContextVar("v", default=1), lambda: Var.set(1), threading.Lock, threading.RLock, threading.local, lambda: weakref.ref(Keep),
             lambda: weakref.ref(Plain(), Back()), lambda: weakref.proxy(Keep), lambda: weakref.finalize(Plain(), Back()),
             lambda: weakref.WeakMethod(Keep.method), lambda: typing.TypeVar("T", bound=int), lambda: typing.TypeAliasType("L", list[A], type_params=(A,)),
             lambda: list[A], lambda: int | list[A], lambda: t"one {1!r:>3} two", lambda: ast.parse("a + [b, 1]"), lambda: ast.parse("x = 1\nwhile x: y()"),
             lambda: functools.cmp_to_key(Back())(1), lambda: string.Template("$a"), lambda: itertools.tee(generator())[1], lambda: time.localtime(),
             lambda: slice(1, Back(), None), lambda: operator.itemgetter(Back()), lambda: asyncio.Queue(), lambda: codecs.lookup("utf-8"),
             lambda: gc.callbacks, lambda: string.Formatter(), lambda: typing.Generic[A], lambda: typing.ParamSpec("P").args, lambda: weakref.getweakrefs,
             lambda: re.compile("a(b)?").scanner("abab"), lambda: __import__("symtable").symtable("a = 1", "f", "exec"), lambda: codecs.lookup_error("replace"),
             lambda: __import__("graphlib").TopologicalSorter({1: [2]})]),
    (files, [lambda: open(__file__, "rb", 0), lambda: open("/dev/null", "w"), lambda: open("/dev/null", "r+b"), lambda: open(__file__, "rb"), lambda: open(__file__)]),
    (descriptors, [socket_, socket_, lambda: select.poll(), lambda: select.epoll(), lambda: os.scandir("/"), lambda: next(os.scandir("/")),
             lambda: open("/dev/null", "r+b", 0), lambda: Socket(), lambda: __import__("selectors").DefaultSelector(),
             lambda: __import__("tempfile").TemporaryFile()]),
    (queues, [queue.SimpleQueue]),
    (whole, [Plain, closure]),
]


if "TSAN_OPTIONS" in os.environ:
    # That one thread closes a descriptor that another one uses is a race indeed, but the program's.
    kinds = [k for k in kinds if k[0] is not descriptors and (k[0] is not files or len(k[1]) > 5)]


class Sibling(Plain):
    pass


def argparse_namespace():
    return __import__("argparse").Namespace(a=1)


# What waits, ends the process, or takes more memory than there is.
LEFT_OUT = {
    "__class__", "__subclasshook__", "__init_subclass__", "breakpoint", "__mul__", "__rmul__", "__imul__", "randbytes", "sample", "choices", "expandtabs", "ljust", "rjust", "center", "zfill", "__build_class__", "wait", "acquire",
    "acquire_lock", "_acquire_restore", "__enter__", "get", "put", "join", "accept", "_accept", "recv", "wait_for", "connect", "connect_ex", "register_at_fork", "select", "poll", "__reduce_ex__", "read", "readall", "readlines", "truncate", "resize", "seek", "mro", "run", "__bases__", "fromfd", "open_code", "send_fds",
}


def pick_new(r):
    operations, makers = r.choice(kinds) if r.random() < 0.8 else kinds[5]
    try:
        return r.choice(makers)(), operations
    except Exception:
        return Plain(), instances


def any_method(r):
    o = now[0]
    name = r.choice(dir(o))
    if name in LEFT_OUT or isinstance(o, io.FileIO) and name == "__init__" or isinstance(o, socket.socket) and name in ("__init__", "detach"):
        return
    f = getattr(o, name)
    if callable(f):
        f(*[argument(r) for _ in range(r.choice((0, 0, 1, 1, 2, 3)))])


def any_attribute(r):
    o = now[0]
    if any(o is x for x in (Keep, Plain, Other, suspended_code)) or isinstance(o, io.IOBase):
        return
    name = r.choice(dir(o))
    if name in LEFT_OUT:
        return
    if r.random() < 0.8:
        setattr(o, name, argument(r))
    else:
        delattr(o, name)


def anew(r):
    """What is set up already is set up again."""
    o = now[0]
    if not isinstance(o, (io.FileIO, socket.socket, type)):
        o.__init__(*[argument(r) for _ in range(r.randrange(3))])


def state(r):
    o = now[0]
    o.__setstate__(r.choice((o.__getstate__, o.__reduce__, lambda: argument(r)))())


def look(r):
    o = now[0]
    for f in (repr, hash, bool, len, str, sys.getsizeof, weakref.ref, callable, operator.length_hint, copy.copy):
        try:
            f(o)
        except Exception:
            pass


def used(r):
    o = now[0]
    r.choice((tuple, sorted, set, dict, bytes, bytearray, sum, max, "".join, b"".join, json.dumps, list, pickle.dumps, marshal.dumps, operator.index, memoryview, int, float, enumerate, reversed, struct.Struct("<h").unpack, codecs.encode, io.TextIOWrapper, io.BufferedReader,
              zlib.compress, re.compile, types.SimpleNamespace, lambda x: isinstance(1, x), lambda x: x == now[0], lambda x: [*zip(x, x, strict=True)],
                  lambda x: print(x, file=Sink), lambda x: f"{x!r:>5}", lambda x: x[argument(r)], lambda x: x + argument(r), lambda x: argument(r) in x))(
        known(o))


def own(r):
    o, operations = now
    try:
        small = len(o) < MOST
    except Exception:
        small = True
    if not small:
        turn(r)
    else:
        r.choice(operations)(o, r)


def turn(r):
    global now
    now = pick_new(r)
    if Sink.tell() > 10**6:
        Sink.seek(0)
        Sink.truncate()


def act(r):
    deep.numbers = r
    r.choice(everything)(r)


def collect(r):
    gc.collect(r.randrange(3))


now = pick_new(choose)
everything = [own] * 24 + [any_method] * 8 + [any_attribute, anew, state, look, used, used]
go(*[act] * 120, turn, collect, threads=THREADS)
