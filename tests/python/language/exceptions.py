"""Exceptions: flow through try, context and cause, groups, notes."""
import sys


def flow(n):
    log = []
    try:
        log.append("try")
        if n == 1:
            raise ValueError
        if n == 2:
            return log
        if n == 3:
            raise KeyError
    except ValueError:
        log.append("except")
    except (KeyError, IndexError) as e:
        log.append(type(e).__name__)
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


assert flow(0) == ["try", "else", "finally"] and flow(1) == ["try", "except", "finally"]
assert flow(2) == ["try", "finally"] and flow(3) == ["try", "KeyError", "finally"]


def override():
    for _ in range(2):
        try:
            1 / 0
        except ZeroDivisionError:
            break
        finally:
            pass
    return "kept going"


assert override() == "kept going"

try:
    try:
        {}["k"]
    except KeyError as inner:
        raise ValueError("outer") from inner
except ValueError as e:
    assert isinstance(e.__cause__, KeyError) and e.__context__ is e.__cause__ and e.__suppress_context__
    saved = e
try:
    e
except NameError:
    pass
else:
    raise AssertionError("the name is unbound after the clause")
assert saved.args == ("outer",) and str(saved) == "outer" and repr(saved) == "ValueError('outer')"

try:
    try:
        1 / 0
    finally:
        [][1]
except IndexError as e:
    assert isinstance(e.__context__, ZeroDivisionError) and not e.__suppress_context__ and e.__cause__ is None

try:
    raise KeyError("x") from None
except KeyError as e:
    assert e.__suppress_context__ and str(e) == "'x'"

try:
    raise
except RuntimeError as e:
    assert str(e) == "No active exception to reraise"

try:
    raise 5
except TypeError as e:
    assert str(e) == "exceptions must derive from BaseException"

try:
    try:
        raise ValueError
    except 5:
        pass
except TypeError as e:
    assert str(e) == "catching classes that do not inherit from BaseException is not allowed"


def reraise():
    try:
        1 / 0
    except ZeroDivisionError:
        raise


try:
    reraise()
except ZeroDivisionError as e:
    tb = e.__traceback__
    names = []
    while tb:
        names.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    assert names == ["<module>", "reraise"]

assert sys.exc_info() == (None, None, None)
try:
    1 / 0
except ZeroDivisionError:
    assert sys.exc_info()[0] is ZeroDivisionError and sys.exception().args == ("division by zero",)

e = ValueError("noted")
e.add_note("one")
e.add_note("two")
assert e.__notes__ == ["one", "two"]

caught = []
try:
    raise ExceptionGroup("g", [ValueError(1), KeyError(2), ExceptionGroup("h", [ValueError(3), OSError(4)])])
except* ValueError as g:
    caught.append(g)
except* (KeyError, OSError) as g:
    caught.append(g)
assert [len(g.exceptions) for g in caught] == [2, 2]
assert caught[0].exceptions[1].exceptions[0].args == (3,)
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError:
        pass
except ExceptionGroup as g:
    assert repr(g) == "ExceptionGroup('g', [TypeError(2)])", repr(g)
g = ExceptionGroup("m", [ValueError(1), KeyError(2)])
match, rest = g.split(ValueError)
assert match.exceptions[0].args == (1,) and rest.exceptions[0].args == (2,) and str(g) == "m (2 sub-exceptions)"
try:
    try:
        raise ValueError("bare")
    except* ValueError as g:
        assert isinstance(g, ExceptionGroup)
        raise KeyError
except* KeyError:
    pass

class Own(Exception):
    def __init__(self, code):
        super().__init__(code, "text")
        self.code = code


try:
    raise Own(3)
except Exception as e:
    assert e.code == 3 and e.args == (3, "text")

try:
    int("x")
except KeyError, ValueError:
    caught = True
assert caught is True

o = OSError(2, "No such file or directory", "name")
assert type(o) is FileNotFoundError and o.errno == 2 and o.filename == "name"
assert str(o) == "[Errno 2] No such file or directory: 'name'"
assert StopIteration(4).value == 4 and SystemExit(3).code == 3
u = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")
assert str(u) == "'utf-8' codec can't decode byte 0xff in position 0: bad"
assert issubclass(ModuleNotFoundError, ImportError) and issubclass(BaseExceptionGroup, BaseException)


def nested():
    for i in range(3):
        try:
            try:
                continue
            finally:
                yield "inner", i
        finally:
            yield "outer", i


assert list(nested()) == [(k, i) for i in range(3) for k in ("inner", "outer")]
