"""One exception object raised and read by several threads; frames and tracebacks."""
import sys

from _race import do_race

shared = ValueError("shared")


def throw():
    raise shared


def chain():
    try:
        raise KeyError
    except KeyError as e:
        raise shared from e


def read():
    for _ in range(10):
        tb = shared.__traceback__
        while tb:
            tb.tb_frame.f_locals, tb.tb_lineno
            tb = tb.tb_next
        repr(shared), shared.args, shared.__context__, shared.__cause__


do_race(throw, throw, read)
do_race(chain, chain, read)
do_race(throw, lambda: setattr(shared, "__traceback__", None), lambda: shared.add_note("n"))
do_race(throw, lambda: setattr(shared, "args", (object(),)), read)
frames = []


def deep(n):
    frames.append(sys._getframe())
    if n: deep(n - 1)
    else: frames.clear()


do_race(lambda: deep(10), lambda: [f.f_locals for f in frames], lambda: [f.f_lineno for f in frames])
do_race(lambda: [sys._current_frames() for _ in range(3)], lambda: deep(20))
