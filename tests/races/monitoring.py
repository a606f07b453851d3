"""Tools of sys.monitoring that several threads set up and take down at once: those who remain are told."""
import sys
from _race import do_race

m = sys.monitoring
E = m.events


def setter(tool, last):
    def action():
        for _ in range(50):
            m.set_events(tool, E.PY_START)
            m.set_events(tool, 0)
        m.set_events(tool, last)

    return action


def called(): pass


heard = []
for tool in (2, 3, 4):
    m.use_tool_id(tool, "t")
    m.register_callback(tool, E.PY_START, lambda code, at, tool=tool: code is called.__code__ and heard.append(tool))
for _ in range(20):
    do_race(setter(2, E.PY_START), setter(3, 0), setter(4, 0), rounds=5)
    heard.clear()
    called()
    assert heard == [2], heard
    m.set_events(2, 0)
    called()
    assert heard == [2], heard
