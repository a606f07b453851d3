"""Shared buffers and strings: bytearray, memoryview, StringIO, regular expressions, caches."""
import functools
import io
import re

from _race import do_race

b = bytearray(b"x" * 50)
do_race(lambda: b.extend(b"abc" * 10), b.clear, lambda: b.find(b"c"))
do_race(lambda: b.append(1), lambda: b.pop(), lambda: bytes(b))
do_race(lambda: memoryview(b)[:5].tobytes(), lambda: b.__iadd__(b"123456"), lambda: b.__setitem__(0, 5))
do_race(lambda: b.replace(b"a", b"bb"), lambda: b.__delitem__(slice(0, 10)), lambda: b.extend(b"aaaa"))
out = io.StringIO()
do_race(lambda: out.write("hello\n"), lambda: out.getvalue(), lambda: (out.seek(0), out.truncate()))
pattern = re.compile(r"(\w+) (\d+)")
do_race(*[lambda: [pattern.sub(r"\2 \1", "abc 123 def 456") for _ in range(5)]] * 3)
s = "shared " * 20
do_race(*[lambda: (hash(s + "x"), s.split(), s.upper().lower() == s, s.encode())] * 3)


@functools.lru_cache(maxsize=4)
def cached(n): return object()


do_race(lambda: [cached(i) for i in range(8)], lambda: [cached(i) for i in range(8, 0, -1)], cached.cache_clear)
