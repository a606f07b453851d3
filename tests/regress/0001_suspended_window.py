"""A generator that is suspended left stale references in the registers that it had shared with its caller's window; the
next call from there dropped them a second time."""
import sys


class Token:
    pass


def gen(x):
    yield


class Holder:
    def __init__(self, g):
        self.g = g

    def enter(self):
        return next(self.g)

    def leave(self, *args):
        next(self.g, None)


def use(token):
    h = Holder(gen(token))
    h.enter()
    max(1, 2, 3)
    h.leave(1, 2, 3)
    h = Holder(gen(token))
    h.enter()
    h.leave(token, token, token, token, token)


token = Token()
before = sys.getrefcount(token)
use(token)
assert sys.getrefcount(token) == before, (before, sys.getrefcount(token))
