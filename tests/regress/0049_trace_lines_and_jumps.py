"""Lines without an instruction are traced too, and a trace function can make its frame go on at another line."""
import sys
import warnings


def lines(function, *args):
    out = []
    code = function.__code__

    def tracer(frame, event, arg):
        if frame.f_code is not code:
            return None
        if event in ("line", "return"):
            out.append((event[0], frame.f_lineno - code.co_firstlineno))
        return tracer

    sys.settrace(tracer)
    try:
        function(*args)
    finally:
        sys.settrace(None)
    assert out[-1][0] == "r"
    return [n for _, n in out[:-1]], out[-1][1]


def passes(x):
    if x:
        pass
    else:
        pass
    try:
        pass
    finally:
        pass


assert lines(passes, 1) == ([1, 2, 5, 6, 8], 8)
assert lines(passes, 0) == ([1, 4, 5, 6, 8], 8)


def loops():
    for i in range(2):
        pass
    while i < 3:
        i += 1
        if i == 2:
            continue
        if i == 3:
            break
    else:
        pass
    1
    "constant"


assert lines(loops) == ([1, 2, 1, 2, 1, 3, 4, 5, 6, 3, 4, 5, 7, 8, 11, 12], 12)


def endless(n):
    while True:
        n -= 1
        if n == 1:
            continue
        if not n:
            break


assert lines(endless, 3) == ([1, 2, 3, 5, 1, 2, 3, 4, 1, 2, 3, 5, 6], 6)


def excepts():
    try:
        raise KeyError
    except:
        pass
    try:
        raise KeyError
    except ValueError:
        pass
    except KeyError:
        x = 1


assert lines(excepts) == ([1, 2, 3, 4, 5, 6, 7, 9, 10], 10)


def ends(x):
    if x:
        y = 1


assert lines(ends, 1) == ([1, 2], 2)
assert lines(ends, 0) == ([1], 1)


def matches(x):
    match x:
        case 1:
            y = 1
        case 2:
            y = 2
        case _:
            y = 3


assert lines(matches, 1) == ([1, 2, 3], 3)
assert lines(matches, 2) == ([1, 2, 4, 5], 5)
assert lines(matches, 3) == ([1, 2, 4, 6, 7], 7)


def jump(function, at, to, event="line"):
    """What the function appends when its frame jumps once; the message if it may not."""
    out = []
    first = function.__code__.co_firstlineno
    done = False

    def tracer(frame, what, arg):
        nonlocal done
        if frame.f_code is function.__code__ and what == event and frame.f_lineno == first + at and not done:
            done = True
            frame.f_lineno = first + to
        return tracer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.settrace(tracer)
        try:
            function(out)
        except ValueError as e:
            out.append(str(e))
        finally:
            sys.settrace(None)
    return out


def simple(out):
    out.append(1)
    out.append(2)
    for i in [7, 8]:
        out.append(i)
    out.append(5)
    try:
        out.append(7)
    except KeyError:
        out.append(9)


assert jump(simple, 1, 5) == [5, 7]
assert jump(simple, 5, 1) == [1, 2, 7, 8, 1, 2, 7, 8, 5, 7]
assert jump(simple, 4, 5) == [1, 2, 5, 7]
assert jump(simple, 1, 7) == [7]
assert jump(simple, 1, 4) == ["can't jump into the body of a for loop"]
assert jump(simple, 1, 9) == ["can't jump into an 'except' block as there's no exception"]
assert jump(simple, 1, 99) == [f"line {simple.__code__.co_firstlineno + 99} comes after the current code block"]
assert "before the current code block" in jump(simple, 1, -1)[0]


class Context:
    def __init__(self, out):
        self.out = out

    def __enter__(self):
        self.out.append("in")

    def __exit__(self, *args):
        self.out.append("out")


def withs(out):
    with Context(out):
        out.append(2)
    out.append(3)
    with Context(out):
        out.append(5)
    try:
        1 / 0
    except ZeroDivisionError:
        out.append(sys.exception() is not None)
        out.append(10)
    out.append(sys.exception())


assert jump(withs, 2, 3) == ["in", 3, "in", 5, "out", True, 10, None]
assert jump(withs, 2, 5) == ["in", 5, "out", True, 10, None]
assert jump(withs, 1, 2) == ["incompatible stacks"]
assert jump(withs, 9, 11) == ["in", 2, "out", 3, "in", 5, "out", None]


def unbound(out):
    out.append(1)
    x = 1
    out.append(x)


assert jump(unbound, 1, 3) == [None]


try:
    sys._getframe().f_lineno = 1
except ValueError as e:
    assert "trace function" in str(e)
else:
    raise AssertionError
