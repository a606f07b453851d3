# The dict of `**kwargs` is made when somebody asks for it: whoever asks, and however, sees a dict of the call's own.
import sys


def plain(**kw):
    return kw


a, b = plain(), plain()
assert a == {} and type(a) is dict and a is not b
a["x"] = 1
assert plain() == {} and b == {}
assert plain(x=1) == {"x": 1}


def with_rest(*args, **kw):
    kw.setdefault("n", len(args))
    return kw


assert with_rest(1, 2) == {"n": 2}
assert with_rest() == {"n": 0}
assert with_rest(n=7) == {"n": 7}


def closure(**kw):
    def inner():
        return kw

    return inner


assert closure()() == {}
assert closure()() is not closure()()
f = closure()
assert f() is f()


def seen_by_locals(**kw):
    d = locals()
    assert d["kw"] is kw
    return d


assert seen_by_locals() == {"kw": {}}


def seen_by_frame(**kw):
    first = sys._getframe().f_locals["kw"]
    first["a"] = 1
    return kw


assert seen_by_frame() == {"a": 1}
assert seen_by_frame() == {"a": 1}


def caller_looks(**kw):
    look()
    return kw


def look():
    sys._getframe(1).f_locals["kw"]["seen"] = True


assert caller_looks() == {"seen": True}


def by_eval(**kw):
    eval("kw")["e"] = 1
    return kw


assert by_eval() == {"e": 1}


def deleted(flag, **kw):
    if flag:
        del kw
    return kw


assert deleted(False) == {}
try:
    deleted(True)
except UnboundLocalError:
    pass
else:
    raise AssertionError


def deleted_then_passed(**kw):
    del kw
    return plain(**kw)


try:
    deleted_then_passed()
except UnboundLocalError:
    pass
else:
    raise AssertionError


def as_name(**kw):
    try:
        raise ValueError
    except ValueError as kw:
        pass
    return kw


try:
    as_name()
except UnboundLocalError:
    pass
else:
    raise AssertionError


def branches(flag, **kw):
    if flag:
        kw["a"] = 1
    for _ in range(2):
        kw["b"] = kw.get("b", 0) + 1
    try:
        kw["c"] = 1 // flag
    except ZeroDivisionError:
        kw["d"] = 1
    return kw


assert branches(0) == {"b": 2, "d": 1}
assert branches(1) == {"a": 1, "b": 2, "c": 1}


def late(flag, **kw):
    try:
        if flag:
            kw["x"] = 1
            raise ValueError
    except ValueError:
        return kw
    return kw


assert late(0) == {} and late(1) == {"x": 1}


def comprehension(**kw):
    return [kw for _ in range(2)], {k: v for k, v in kw.items()}


(x, y), z = comprehension()
assert x is y and x == z == {}


def generator(**kw):
    yield kw
    yield kw


x, y = generator()
assert x is y and x == {}
g = generator()
assert g.gi_frame.f_locals["kw"] == {}


def reassigned(**kw):
    kw = 5
    return kw


assert reassigned() == 5


def in_place(**kw):
    kw |= {"a": 1}
    return kw


assert in_place() == {"a": 1} and in_place(b=2) == {"b": 2, "a": 1}


def raises(**kw):
    raise ValueError


try:
    raises()
except ValueError as e:
    assert e.__traceback__.tb_next.tb_frame.f_locals == {"kw": {}}


# Passed on.
def wrapper(*args, **kw):
    return target(*args, **kw)


def target(*args, **kw):
    return args, kw


assert wrapper() == ((), {}) and wrapper(1, a=2) == ((1,), {"a": 2})


def wrapper_of_keywords(**kw):
    r = plain(**kw)
    assert r is not kw
    return r


assert wrapper_of_keywords() == {} and wrapper_of_keywords(a=1) == {"a": 1}


def wrapper_with_more(**kw):
    return plain(z=1, **kw), plain(**kw, y=2), dict(**kw), plain(**kw, **{"q": 1})


assert wrapper_with_more(a=1) == ({"z": 1, "a": 1}, {"a": 1, "y": 2}, {"a": 1}, {"a": 1, "q": 1})
assert wrapper_with_more() == ({"z": 1}, {"y": 2}, {}, {"q": 1})


class Mapping:
    def keys(self):
        return ["p", "q"]

    def __getitem__(self, k):
        return k * 2


assert plain(**Mapping()) == {"p": "pp", "q": "qq"}


class Sub(dict):
    def __iter__(self):
        return iter(["only"])

    def keys(self):
        return ["only"]

    def __getitem__(self, k):
        return "sub"


assert plain(**Sub(a=1)) == {"only": "sub"}
for bad in (1, [1], None):
    try:
        plain(**bad)
    except TypeError as e:
        assert "must be a mapping" in str(e), e
    else:
        raise AssertionError
try:
    plain(**{1: 2})
except TypeError as e:
    assert str(e) == "keywords must be strings", e
else:
    raise AssertionError
try:
    plain(*1, **2)
except TypeError as e:
    assert "after ** must be a mapping" in str(e), e
else:
    raise AssertionError


# Arguments that change the dict while they are collected: it was copied before.
d = {"a": 1}


def changing():
    d["b"] = 2
    yield 1


assert target(*changing(), **d) == ((1,), {"a": 1})
assert d == {"a": 1, "b": 2}


# Tracing sees it.
seen = []


def tracer(frame, event, arg):
    if frame.f_code is traced.__code__:
        seen.append((event, dict(frame.f_locals)))
    return tracer


def traced(**kw):
    x = 1
    return kw


sys.settrace(tracer)
r = traced()
sys.settrace(None)
assert r == {}
assert seen[0] == ("call", {"kw": {}}), seen
assert seen[-1] == ("return", {"kw": {}, "x": 1}), seen


# Defaults.
def defaults(a, b=2, *args, c=3, **kw):
    return a, b, args, c, kw


def plain_defaults(a, b=2, c=3, *args, **kw):
    return a, b, c, args, kw


assert defaults(1) == (1, 2, (), 3, {})
assert plain_defaults(1) == (1, 2, 3, (), {})
assert plain_defaults(1, 5) == (1, 5, 3, (), {})
assert plain_defaults(1, 5, 6) == (1, 5, 6, (), {})
assert plain_defaults(1, 5, 6, 7) == (1, 5, 6, (7,), {})
plain_defaults.__defaults__ = (9,)
assert plain_defaults(1, 5) == (1, 5, 9, (), {})
try:
    plain_defaults(1)
except TypeError as e:
    assert "missing 1 required positional argument: 'b'" in str(e), e
else:
    raise AssertionError


class C:
    def m(self, a=1, *r, **kw):
        return a, r, kw


assert C().m() == (1, (), {}) and C().m(4) == (4, (), {}) and C.m(C(), 5, 6) == (5, (6,), {})


def in_generator():
    yield C().m()
    yield plain_defaults(1, 2)
    yield target()


plain_defaults.__defaults__ = (2, 3)
assert list(in_generator()) == [(1, (), {}), (1, 2, 3, (), {}), ((), {})]
