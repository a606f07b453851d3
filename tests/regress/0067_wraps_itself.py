# What is made to wrap itself, by being initialised again: RecursionError, or another error, but no end of the native stack.
import io
import threading


def wrapping(make, *again):
    def made():
        x = make()
        x.__init__(*[x if a is None else a for a in again])
        return x

    return made


def raw(): return io.BytesIO()


methods = [
    lambda x: x.__isabstractmethod__, lambda x: x(), repr, lambda x: x.__get__(1, int), lambda x: x.__get__(None, int)(), lambda x: x.__set__(1, 1), lambda x: x.__name__,
    lambda x: x.__annotations__, lambda x: setattr(x, "__annotations__", {}), lambda x: delattr(x, "__annotations__"), lambda x: x.__doc__, hash, lambda x: x == x,
]
files = [
    lambda x: x.read(), lambda x: x.closed, lambda x: x.name, lambda x: x.mode, lambda x: x.fileno(), lambda x: x.seekable(), lambda x: x.readable(), lambda x: x.writable(), lambda x: x.isatty(),
    lambda x: x.tell(), lambda x: x.seek(0), lambda x: x.write(b"a"), lambda x: x.write("a"), lambda x: x.flush(), lambda x: x.truncate(), lambda x: x.peek(), lambda x: x.readinto(bytearray(3)), repr, lambda x: x.detach(), lambda x: x.close(),
]
alias = int
for _ in range(100000):
    alias = list[alias]
cases = [
    (wrapping(lambda: staticmethod(len), None), methods), (wrapping(lambda: classmethod(len), None), methods), (wrapping(lambda: property(len), None, None, None), methods),
    (wrapping(lambda: io.BufferedReader(raw()), None), files), (wrapping(lambda: io.BufferedWriter(raw()), None), files), (wrapping(lambda: io.BufferedRandom(raw()), None), files),
    (wrapping(lambda: io.BufferedRWPair(raw(), raw()), None, None), files), (wrapping(lambda: io.TextIOWrapper(raw()), None, "utf-8"), files),
    (lambda: alias, [lambda x: x.__parameters__, lambda x: list[x].__parameters__]),
]


def all_cases():
    for make, uses in cases:
        for use in uses:
            try:
                use(make())
            except Exception:
                pass


all_cases()
t = threading.Thread(target=all_cases)
t.start()
t.join()
