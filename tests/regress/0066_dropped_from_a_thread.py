# What is dropped from the state of a thread may use that state: hooks, trace functions, exceptions, variables, attributes of the thread.
import contextvars
import sys
import threading

seen = []


class Again:
    """Called like any hook; when it dies it looks at what it was, and puts another one there."""
    # A trace function is called for what initialises the next one, too.
    n = 0

    def __init__(self, look, put, n=3):
        self.look, self.put, self.n = look, put, n

    def __call__(self, *args):
        return self

    def __del__(self):
        seen.append(self.n)
        if self.n:
            self.look()
            self.put(Again(self.look, self.put, self.n - 1))


local = threading.local()
var = contextvars.ContextVar("var")


def first(f): sys.set_asyncgen_hooks(firstiter=f)
def finalizer(f): sys.set_asyncgen_hooks(finalizer=f)
def attribute(x): local.x = x


ways = [
    (sys.get_asyncgen_hooks, first), (sys.get_asyncgen_hooks, finalizer), (sys.gettrace, sys.settrace), (sys.getprofile, sys.setprofile),
    (lambda: var.get(None), var.set), (lambda: getattr(local, "x", None), attribute), (sys.exception, attribute),
]
for look, put in ways:
    def replace():
        put(Again(look, put))
        put(Again(look, put))
        put(None)

    # What a thread leaves behind goes when it ends.
    def leave():
        put(Again(look, put))

    for f in (replace, leave):
        t = threading.Thread(target=f)
        t.start()
        t.join()


class Dying(Exception):
    def __del__(self):
        seen.append(sys.exception())
        try:
            raise ValueError
        except ValueError as e:
            assert sys.exception() is e


def generator():
    try:
        raise Dying
    except Dying:
        yield 1
        return 2


def close():
    seen.clear()
    for end in (list, lambda g: next(g), lambda g: (next(g), g.close())):
        end(generator())
    assert len(seen) == 3, seen


t = threading.Thread(target=close)
t.start()
t.join()
close()
