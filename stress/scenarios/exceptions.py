"""Exceptions, tracebacks and frames that threads share."""
import sys

from _stress import go

kept = [ValueError(0)]


class Own(Exception): pass


def down(r, n):
    if n == 0:
        kept.append(sys._getframe())
        raise r.choice((Own(n), KeyError("k"), kept[0]))
    try:
        down(r, n - 1)
    except KeyError as e:
        raise Own("wrapped") from e
    finally:
        kept.append(n)


def raising(r):
    if len(kept) > 200: del kept[1:]
    try:
        down(r, r.randrange(8))
    except Exception as e:
        kept[0] = e
        kept.append(e.__traceback__)


def look(r):
    for x in kept[:30]:
        if isinstance(x, BaseException):
            repr(x), x.args, x.__context__, x.__cause__
            x = x.__traceback__
        while type(x).__name__ == "traceback":
            x.tb_lineno, dict(x.tb_frame.f_locals)
            x = x.tb_next
        if type(x).__name__ == "frame":
            x.f_lineno, x.f_back, x.f_code.co_name


def change(r):
    e = kept[0]
    n = r.randrange(5)
    if n == 0: e.__traceback__ = None
    elif n == 1: e.args = (object(),)
    elif n == 2: e.__context__ = Own()
    elif n == 3: e.add_note("n")
    else: raise ExceptionGroup("g", [e, Own()])


def groups(r):
    try:
        raise ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [Own(2), KeyError(3)])])
    except* Own:
        pass


def recurse(r):
    def f(): f()
    try:
        f()
    except RecursionError as e:
        assert "recursion" in str(e)


go(raising, raising, raising, look, look, change, groups, *[recurse] * (1 if sys.argv[1][-1] == "3" else 0))
