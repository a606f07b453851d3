"""Tracebacks as text and as objects."""
import sys
import traceback


def inner(d):
    return d["a"] + d["missing"]


def outer():
    inner({"a": 1})


try:
    outer()
except KeyError as e:
    lines = traceback.format_exception(e)
    text = "".join(lines)
    assert lines[0] == "Traceback (most recent call last):\n" and lines[-1] == "KeyError: 'missing'\n"
    assert 'tests/python/language/tracebacks.py", line 7, in inner' in text.replace("\\", "/"), text
    assert '    return d["a"] + d["missing"]\n                    ~^^^^^^^^^^^\n' in text, text
    assert [f.name for f in traceback.extract_tb(e.__traceback__)] == ["<module>", "outer", "inner"]
    assert e.__traceback__.tb_next.tb_next.tb_lineno == 7

try:
    try:
        1 / 0
    except ZeroDivisionError:
        [].appendd
except AttributeError as e:
    text = "".join(traceback.format_exception(e))
    assert "\nDuring handling of the above exception, another exception occurred:\n" in text
    assert text.endswith("AttributeError: 'list' object has no attribute 'appendd'. Did you mean: 'append'?\n"), text

try:
    raise ValueError("v") from KeyError("k")
except ValueError as e:
    e.add_note("a note")
    text = "".join(traceback.format_exception(e))
    assert "\nThe above exception was the direct cause of the following exception:\n" in text
    assert text.endswith("ValueError: v\na note\n")


def frames():
    f = sys._getframe()
    here = "local"
    return f.f_code.co_name, f.f_locals["here"], f.f_back.f_code.co_name, f.f_lineno


assert frames() == ("frames", "local", "<module>", 47), frames()
assert traceback.format_exception_only(SyntaxError("bad", ("f", 3, 2, "a b\n"))) == [
    '  File "f", line 3\n', "    a b\n", "     ^^\n", "SyntaxError: bad\n"]
