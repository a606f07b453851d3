"""sys.monitoring: which events come, in which order."""
import sys
import threading

m = sys.monitoring
E = m.events
TOOL = 3
m.use_tool_id(TOOL, "test")
names = {getattr(E, n): n for n in dir(E) if n.isupper() and n not in ("NO_EVENTS", "BRANCH")}


def record(function, events, local=False, answer=None):
    """The events of a function without offsets: name, function, what else there is."""
    out = []
    code = function.__code__
    for bit, name in names.items():

        def callback(code, *args, name=name):
            if code.co_filename == __file__ and code.co_name not in ("record", "callback"):
                if name == "LINE":
                    args = (args[0] - code.co_firstlineno,)
                elif name in ("BRANCH_LEFT", "BRANCH_RIGHT", "JUMP"):
                    args = ()
                else:
                    args = args[1:]
                out.append((name, code.co_name, *args))
            return answer

        m.register_callback(TOOL, bit, callback)
    if local:
        m.set_local_events(TOOL, code, events)
    else:
        m.set_events(TOOL, events)
    try:
        function()
    except ZeroDivisionError:
        pass
    finally:
        if local:
            m.set_local_events(TOOL, code, 0)
        else:
            m.set_events(TOOL, 0)
        for bit in names:
            m.register_callback(TOOL, bit, None)
    return out


def plain():
    x = 1
    if x:
        pass
    return x


assert record(plain, E.PY_START | E.PY_RETURN | E.LINE) == [
    ("PY_START", "plain"),
    ("LINE", "plain", 1),
    ("LINE", "plain", 2),
    ("LINE", "plain", 3),
    ("LINE", "plain", 4),
    ("PY_RETURN", "plain", 1),
]
assert record(plain, E.LINE, local=True) == [("LINE", "plain", n) for n in (1, 2, 3, 4)]
assert record(plain, E.BRANCH) == [("BRANCH_LEFT", "plain")]


def loop():
    for i in range(2):
        if i:
            x = i
        y = i


assert [e[0] for e in record(loop, E.BRANCH_LEFT | E.BRANCH_RIGHT)] == [
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "BRANCH_LEFT",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
]


def generator():
    yield 1
    yield 2


def consumer():
    for i in generator():
        pass


assert record(consumer, E.PY_START | E.PY_RESUME | E.PY_YIELD | E.PY_RETURN) == [
    ("PY_START", "consumer"),
    ("PY_START", "generator"),
    ("PY_YIELD", "generator", 1),
    ("PY_RESUME", "generator"),
    ("PY_YIELD", "generator", 2),
    ("PY_RESUME", "generator"),
    ("PY_RETURN", "generator", None),
    ("PY_RETURN", "consumer", None),
]


def calls():
    len([1])
    [].append(2)
    plain()
    int("7")


got = record(calls, E.CALL)
assert [(e[0], e[2].__name__) for e in got] == [
    ("CALL", "len"),
    ("C_RETURN", "len"),
    ("CALL", "append"),
    ("C_RETURN", "append"),
    ("CALL", "plain"),
    ("CALL", "int"),
    ("C_RETURN", "int"),
], got
assert got[0][3] == [1] and got[2][3] == [2] and got[4][3] is m.MISSING


def fails():
    try:
        int("x")
    except ValueError:
        pass
    1 / 0


got = record(fails, E.RAISE | E.RERAISE | E.EXCEPTION_HANDLED | E.PY_UNWIND | E.CALL)
assert [(e[0], type(e[2]).__name__) for e in got if e[0][0] != "C" and e[1] == "fails"] == [
    ("RAISE", "ValueError"),
    ("EXCEPTION_HANDLED", "ValueError"),
    ("RAISE", "ZeroDivisionError"),
    ("PY_UNWIND", "ZeroDivisionError"),
], got
assert [e[0] for e in got if e[0][0] == "C"] == ["CALL", "C_RAISE"]


def thrower():
    g = generator()
    next(g)
    try:
        g.throw(KeyError)
    except KeyError:
        pass


assert [e[0] for e in record(thrower, E.PY_THROW | E.PY_UNWIND)] == ["PY_THROW", "PY_UNWIND"]

# Disabled events come no more, until they are restarted.
many = lambda: [plain() for _ in range(3)]
assert sum(e[1] == "plain" for e in record(many, E.LINE)) == 12
assert sum(e[1] == "plain" for e in record(many, E.LINE, answer=m.DISABLE)) == 4
assert sum(e[1] == "plain" for e in record(many, E.LINE, answer=m.DISABLE)) == 0
m.restart_events()
assert sum(e[1] == "plain" for e in record(many, E.LINE, answer=m.DISABLE)) == 4
m.restart_events()


# An event that belongs to no instruction cannot be disabled.
def raises():
    raise ZeroDivisionError


try:
    m.register_callback(TOOL, E.RAISE, lambda *args: m.DISABLE)
    m.set_events(TOOL, E.RAISE)
    raises()
except ValueError as e:
    assert "RAISE" in str(e)
else:
    raise AssertionError
finally:
    m.set_events(TOOL, 0)

# What a callback raises is raised at the instruction.
m.register_callback(TOOL, E.PY_START, lambda code, offset: 1 / 0 if code is plain.__code__ else None)
m.set_events(TOOL, E.PY_START)
try:
    plain()
except ZeroDivisionError as e:
    assert e.__traceback__.tb_next.tb_frame.f_code is plain.__code__
else:
    raise AssertionError
finally:
    m.set_events(TOOL, 0)
    m.register_callback(TOOL, E.PY_START, None)

# Other threads, running and new ones.
seen = set()
m.register_callback(TOOL, E.PY_START, lambda code, offset: seen.add((threading.current_thread().name, code.co_name)))
stop = threading.Event()


def work():
    while not stop.is_set():
        plain()


old = threading.Thread(target=work, name="old")
old.start()
m.set_events(TOOL, E.PY_START)
new = threading.Thread(target=work, name="new")
new.start()
while not {("old", "plain"), ("new", "plain")} <= seen:
    pass
m.set_events(TOOL, 0)
stop.set()
old.join()
new.join()
m.free_tool_id(TOOL)

for source, left, right in loop.__code__.co_branches():
    assert source < max(left, right)
assert len(list(loop.__code__.co_branches())) == 2
