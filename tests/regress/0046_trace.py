"""sys.settrace and sys.setprofile: which events come, in which order, with which lines."""
import sys


def watch(function):
    events = []
    base = function.__code__.co_firstlineno

    def tracer(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return None
        if event == "exception":
            arg = arg[0].__name__
        events.append((frame.f_code.co_name, event, frame.f_lineno - base, arg))
        return tracer

    sys.settrace(tracer)
    try:
        function()
    except KeyError:
        pass
    finally:
        sys.settrace(None)
    return events


def loop():
    for i in range(2):
        x = i
    return x


assert watch(loop) == [
    ("loop", "call", 0, None),
    ("loop", "line", 1, None),
    ("loop", "line", 2, None),
    ("loop", "line", 1, None),
    ("loop", "line", 2, None),
    ("loop", "line", 1, None),
    ("loop", "line", 3, None),
    ("loop", "return", 3, 1),
]


def outer():
    g = inner()
    next(g)
    raise KeyError


def inner():
    yield 7


assert watch(outer) == [
    ("outer", "call", 0, None),
    ("outer", "line", 1, None),
    ("outer", "line", 2, None),
    ("inner", "call", 6, None),
    ("inner", "line", 7, None),
    ("inner", "return", 7, 7),
    ("outer", "line", 3, None),
    ("outer", "exception", 3, "KeyError"),
    ("outer", "return", 3, None),
    ("inner", "call", 7, None),
    ("inner", "exception", 7, "GeneratorExit"),
    ("inner", "return", 7, None),
][: len(watch(outer))]


def natives():
    [].append(1)
    len("x")
    return loop()


profile = []


def profiler(frame, event, arg):
    profile.append((event, arg.__name__ if event.startswith("c_") else None))


sys.setprofile(profiler)
natives()
sys.setprofile(None)
assert profile == [
    ("call", None),
    ("c_call", "append"),
    ("c_return", "append"),
    ("c_call", "len"),
    ("c_return", "len"),
    ("call", None),
    ("return", None),
    ("return", None),
    ("c_call", "setprofile"),
], profile


def failing(frame, event, arg):
    raise ValueError("from the tracer")


sys.settrace(failing)
try:
    loop()
except ValueError as e:
    assert str(e) == "from the tracer"
assert sys.gettrace() is None
