"""Objects of native types, of all modules that have some, on which threads call whatever methods there are at the same time.

What a call gives does not matter: it must come back, and nothing must crash.
"""
import _random
import array
import ast
import bisect
import codecs
import collections
import contextvars
import copy
import csv
import functools
import hashlib
import heapq
import io
import itertools
import json
import operator
import queue
import random
import re
import struct
import sys
import time
import types
import warnings
import weakref
import zlib

from _stress import go

warnings.simplefilter("ignore")
# Methods may become anything, and are called when a file is closed.
sys.unraisablehook = lambda what: None
WIDTH = 24
MOST = 2000


class Plain:
    def __init__(self):
        self.a = 1

    def method(self, *args):
        return args


class Slotted:
    __slots__ = ("a", "__weakref__")


class Mapping(dict):
    def __missing__(self, key):
        return key


class Index:
    def __index__(self):
        return 2


def generator(*args):
    try:
        for i in range(5):
            yield i
    finally:
        pass


def delegating(*args):
    yield from generator()
    yield from [1, 2]


async def coroutine(*args):
    return 1


async def agenerator(*args):
    yield 1


def closure():
    cell = 0

    def inner(*args, key=1):
        nonlocal cell
        cell = args
        return cell

    return inner


def frame():
    return sys._getframe()


def failure():
    try:
        raise ValueError(1, "two")
    except ValueError as e:
        return e


def group():
    return ExceptionGroup("some", [ValueError(1), TypeError(2)])


def template():
    x = 1
    return t"one {x!r:>3} two"


def matched():
    return re.match(r"(?P<a>\w)(\d)?", "a1b")


words = ["a", "b", "cd", "", "ä", "\U0001f600"]
makers = [
    lambda: [1, "a", None, 2.5], lambda: list(range(40)), lambda: {"a": 1, 2: "b"}, lambda: {i: i for i in range(30)},
    lambda: {1, 2, "a"}, lambda: frozenset([1, 2]), lambda: bytearray(b"abc def"), lambda: (1, "a", [2]),
    lambda: memoryview(bytearray(b"abcdefgh")), lambda: memoryview(array.array("i", range(6))),
    lambda: iter([1, 2, 3]), lambda: reversed([1, 2, 3]), lambda: iter({1: 2, 3: 4}), lambda: iter({1, 2}), lambda: iter("abc"),
    lambda: iter((1, 2)), lambda: iter(range(5)), lambda: iter(b"abc"), lambda: reversed({1: 2, 3: 4}), lambda: iter(Mapping(a=1).items()),
    lambda: {1: 2, 3: 4}.keys(), lambda: {1: 2, 3: 4}.items(), lambda: {1: 2}.values(), lambda: Mapping(a=1),
    lambda: enumerate("abc"), lambda: zip("abc", [1, 2]), lambda: map(str, [1, 2]), lambda: filter(None, [0, 1, 2]),
    lambda: iter(iter([1, 2, 3]).__next__, 2),
    lambda: collections.deque([1, 2, 3], maxlen=50), lambda: iter(collections.deque([1, 2, 3])), lambda: collections.OrderedDict(a=1, b=2),
    lambda: collections.defaultdict(list, a=1), lambda: collections.Counter("abca"), lambda: collections.ChainMap({1: 2}, {3: 4}),
    lambda: iter(collections.OrderedDict(a=1, b=2)), lambda: reversed(collections.deque([1, 2, 3])),
    lambda: array.array("d", [1.5, 2.5]), lambda: array.array("b", b"abc"), lambda: iter(array.array("i", [1, 2])),
    generator, delegating, coroutine, agenerator, closure, frame, failure, group, template, matched,
    lambda: (g := delegating(), next(g))[0], lambda: (x for x in [1, 2, 3]), lambda: agenerator().__anext__(), lambda: coroutine().__await__(),
    lambda: failure().__traceback__, lambda: closure().__code__, lambda: closure().__closure__[0], lambda: closure().__code__.co_positions(),
    lambda: frame().f_locals, lambda: types.MappingProxyType({1: 2}), lambda: types.SimpleNamespace(a=1), lambda: Plain(), lambda: Slotted(),
    lambda: Plain().__dict__, lambda: Plain().method, lambda: [].append, lambda: type("Made", (Plain,), {"b": 2}), lambda: super(Plain, Plain()),
    lambda: property(closure()), lambda: staticmethod(closure()), lambda: classmethod(closure()), lambda: types.ModuleType("made"),
    lambda: functools.cached_property(closure()), lambda: slice(1, Index(), None), lambda: list[int], lambda: int | str,
    lambda: functools.partial(closure(), 1, key=2), lambda: functools.lru_cache(maxsize=4)(closure()), lambda: functools.lru_cache(None)(closure()),
    lambda: functools.cmp_to_key(closure())(1), lambda: functools.singledispatch(closure()),
    lambda: operator.itemgetter(1), lambda: operator.attrgetter("a", "b.c"), lambda: operator.methodcaller("append", 1),
    lambda: itertools.accumulate([1, 2, 3]), lambda: itertools.chain([1], (2, 3)), lambda: itertools.chain.from_iterable([[1], [2]]),
    lambda: itertools.combinations("abcd", 2), lambda: itertools.combinations_with_replacement("abc", 2), lambda: itertools.permutations("abc", 2),
    lambda: itertools.product("ab", [1, 2]), lambda: itertools.compress("abc", [1, 0, 1]), lambda: itertools.dropwhile(bool, [1, 0, 2]),
    lambda: itertools.takewhile(bool, [1, 0]), lambda: itertools.filterfalse(None, [0, 1]), lambda: itertools.groupby("aabbc"),
    lambda: itertools.islice("abcdef", 1, 5, 2), lambda: itertools.starmap(max, [(1, 2), (3, 4)]), lambda: itertools.zip_longest("ab", "c"),
    lambda: itertools.pairwise("abcd"), lambda: itertools.batched("abcde", 2), lambda: itertools.tee("abcdefgh")[0],
    lambda: itertools.repeat(1, 50),
    lambda: weakref.ref(Keep), lambda: weakref.proxy(Keep), lambda: weakref.WeakValueDictionary(a=Keep), lambda: weakref.WeakKeyDictionary({Keep: 1}),
    lambda: weakref.WeakSet([Keep]), lambda: weakref.WeakMethod(Keep.method), lambda: weakref.finalize(Plain(), len, ()),
    lambda: io.BytesIO(b"abc\ndef\n"), lambda: io.StringIO("abc\ndef\n"), lambda: io.TextIOWrapper(io.BytesIO(b"abc\ndef\n")),
    lambda: io.BufferedReader(io.BytesIO(b"abc\ndef\n")), lambda: io.BufferedWriter(io.BytesIO()), lambda: io.BufferedRandom(io.BytesIO(b"abc")),
    lambda: io.IncrementalNewlineDecoder(None, True), lambda: io.BytesIO(b"abcdef").getbuffer(), lambda: open("/dev/null", "rb", 0), lambda: open("/dev/null"),
    lambda: codecs.getincrementaldecoder("utf-8")(), lambda: codecs.getincrementalencoder("utf-16")(), lambda: codecs.lookup("utf-8"),
    lambda: _random.Random(1), lambda: hashlib.sha256(b"a"), lambda: hashlib.md5(b"a"), lambda: hashlib.blake2b(b"a"), lambda: hashlib.sha3_256(b"a"),
    lambda: zlib.compressobj(), lambda: zlib.decompressobj(), lambda: struct.Struct("<ih"), lambda: struct.iter_unpack("<h", b"abcdef"),
    lambda: re.compile("(a)|b").scanner("abab"), lambda: re.finditer("a", "banana"), lambda: re.compile("(a)(b)?"),
    lambda: csv.reader(["a,b", "c,d"]), lambda: csv.writer(io.StringIO()), lambda: json.JSONEncoder(indent=1), lambda: json.JSONDecoder(),
    lambda: contextvars.copy_context(), lambda: contextvars.ContextVar("v", default=1), lambda: Var.set(1),
    lambda: ast.parse("a + [b, 1]"), lambda: ast.parse("x").body[0], lambda: time.localtime(), lambda: template().interpolations[0], lambda: template().__iter__(),
]
Keep = Plain()
Var = contextvars.ContextVar("var", default=0)
# What waits, what ends the process or never ends, and what changes more than the object.
LEFT_OUT = {
    "__class__", "__subclasshook__", "__init_subclass__", "__sizeof__", "register", "mro", "__bases__", "fileno", "isatty", "clear_frames", "dont_write",
    "run", "breakpoint", "__imul__", "__mul__", "__rmul__", "__reduce_ex__", "__reduce__", "truncate", "seek", "randbytes", "getrandbits", "resize",
    "sample", "choices", "flush_all", "expandtabs", "ljust", "rjust", "center", "zfill", "__build_class__", "__setstate__",
}
shared = [r() for r in random.Random(0).sample(makers, WIDTH)]


def argument(r):
    kind = r.randrange(12)
    if kind == 0: return r.randrange(-3, 6)
    if kind == 1: return r.choice(words)
    if kind == 2: return b"ab"
    if kind == 3: return [1, "b"]
    if kind == 4: return {"a": 1, 5: 6}
    if kind == 5: return (1, 2)
    if kind == 6: return None
    if kind == 7: return closure()
    if kind == 8: return Index()
    if kind == 9: return bytearray(b"12345678")
    if kind == 10: return Plain()
    return 1.5


def pick(r):
    i = r.randrange(WIDTH)
    o = shared[i]
    try:
        small = len(o) < MOST
    except Exception:
        small = True
    if not small:
        o = shared[i] = r.choice(makers)()
    return o


def replace(r):
    for _ in range(3):
        shared[r.randrange(WIDTH)] = r.choice(makers)()


def call(r):
    o = pick(r)
    names = [n for n in dir(o) if n not in LEFT_OUT]
    for _ in range(4):
        name = r.choice(names)
        try:
            f = getattr(o, name)
            # Who opens file 1 closes it.
            if callable(f) and not (name == "__init__" and isinstance(o, io.FileIO)):
                f(*[argument(r) for _ in range(r.choice((0, 0, 1, 1, 2, 3)))])
        except SystemError:
            raise
        except Exception:
            pass


def call_all(r):
    o = pick(r)
    for name in dir(o):
        if name not in LEFT_OUT and not name.startswith("__"):
            try:
                getattr(o, name)(*[argument(r) for _ in range(r.randrange(2))])
            except SystemError:
                raise
            except Exception:
                pass


def look(r):
    o = pick(r)
    for f in (repr, hash, bool, iter, len, dir, str, type, sys.getsizeof, weakref.ref, callable, operator.length_hint):
        try:
            f(o)
        except TypeError:
            pass
    for name in dir(o):
        getattr(o, name, None)


def walk(r):
    o = pick(r)
    if r.random() < 0.5:
        o = iter(o)
    for x in itertools.islice(o, 10):
        pass


def step(r):
    next(pick(r), None)


def item(r):
    o, k = pick(r), argument(r)
    kind = r.randrange(5)
    if kind == 0: o[k]
    elif kind == 1: o[k] = argument(r)
    elif kind == 2: del o[k]
    elif kind == 3: k in o
    else: o[r.randrange(3):r.randrange(6)] = [argument(r)]


def attribute(r):
    o = pick(r)
    if o is Keep or isinstance(o, type) and o is Plain:
        return
    name = r.choice(dir(o))
    if name in LEFT_OUT:
        return
    if r.random() < 0.8:
        setattr(o, name, argument(r))
    else:
        delattr(o, name)


def compare(r):
    a, b = pick(r), pick(r)
    r.choice((operator.eq, operator.lt, operator.add, operator.sub, operator.and_, operator.or_, operator.xor, operator.iadd, operator.ior))(
        a, b if r.random() < 0.3 and not hasattr(b, "__next__") else argument(r)
    )


def copied(r):
    copy.copy(pick(r))


def used(r):
    """As an argument of native functions."""
    o = pick(r)
    f = r.choice((tuple, sorted, set, dict, bytes, bytearray, sum, max, "".join, b"".join, json.dumps, hashlib.sha1, zlib.crc32, heapq.heapify, list,
                  lambda x: bisect.bisect(x, 3), lambda x: struct.unpack_from("b", x), lambda x: "%s" % (x,), lambda x: "{:>3}".format(x), lambda x: print(*x, file=io.StringIO())))
    f(o if isinstance(o, (list, tuple, dict, set, bytearray, memoryview, array.array)) else itertools.islice(o, 5))


go(replace, replace, call, call, call, call_all, look, walk, step, step, item, item, attribute, compare, copied, used)
