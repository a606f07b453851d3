"""Code objects that do not fit their instructions any more: refused, or run as what they were compiled to, but no crash."""
import itertools
import sys
import types


def plain(x, *a, y=1, **k):
    return x, a, y, k


def generator(x):
    yield x


async def coroutine(x):
    return x


def calling():
    return dict(a=1, b=2), [lambda z: z, "ab"], ("a", "b")


def closing(u):
    def inner():
        return u
    return inner


def run(f, code):
    g = types.FunctionType(code, {}, closure=f.__closure__)
    for args in (), (1,), (1, 2, 3):
        try:
            r = g(*args)
            if hasattr(r, "close"):
                r.close()
            elif callable(r):
                r()
        except Exception:
            pass


numbers = (0, 1, 2, 7, 255, 2**31, 2**32 - 1)
consts = (1, "x", ("a",), ("a", "b", "c", "d"), None, plain.__code__, closing(1).__code__, generator.__code__)
for f in plain, generator, coroutine, calling, closing, closing(1):
    code = f.__code__
    changes = [{n: v} for n in ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount") for v in numbers]
    changes += [{"co_flags": code.co_flags ^ bits} for bits in (4, 8, 12, 0x20, 0x80, 0x200, 0x2A0, 1, 2, 3)]
    changes += [{"co_flags": code.co_flags ^ 4, "co_argcount": code.co_argcount + 1},
                {"co_argcount": code.co_argcount + 1, "co_kwonlyargcount": max(code.co_kwonlyargcount - 1, 0)}]
    changes += [{name: tuple(v)} for name in ("co_names", "co_varnames", "co_freevars", "co_cellvars")
                for v in ("", "a", "ab", "abcdef", (1,), (1, 2, 3, 4))]
    changes += [{"co_consts": tuple(c if i == at else old for i, old in enumerate(code.co_consts))}
                for at, c in itertools.product(range(len(code.co_consts)), consts)]
    for change in changes:
        try:
            changed = code.replace(**change)
        except (TypeError, ValueError, OverflowError, SystemError):
            continue
        # What CPython makes of such code is another matter.
        if sys.implementation.name == "skein":
            run(f, changed)

# What may be changed.
changed = plain.__code__.replace(co_name="n", co_filename="f", co_firstlineno=7)
assert (changed.co_name, changed.co_filename, changed.co_firstlineno) == ("n", "f", 7)
assert types.FunctionType(changed, {}, argdefs=None)(1, y=2) == (1, (), 2, {})
assert types.coroutine(generator)(1).send(None) == 1

# A function's code that is executed by itself gets no arguments.
assert eval((lambda *a, **k: (a, k)).__code__) == ((), {})
for code in (lambda x: x).__code__, (lambda *, y: y).__code__, generator.__code__:
    for execute in exec, eval:
        try:
            execute(code, {})
        except TypeError as e:
            assert "missing 1 required" in str(e), e
        else:
            raise AssertionError(code)
for body in (lambda x: x), (lambda x, *, y: y):
    try:
        __build_class__(body, "C")
    except TypeError as e:
        assert "missing" in str(e), e
    else:
        raise AssertionError(body)
print("ok")
