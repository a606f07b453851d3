"""Decorators of functions and classes."""
import functools

log = []


def tag(name):
    log.append("made " + name)

    def decorate(f):
        log.append("applied " + name)

        @functools.wraps(f)
        def inner(*a, **k):
            return name, f(*a, **k)

        return inner

    return decorate


@tag("outer")
@tag("inner")
def add(a, b=1):
    "adds"
    return a + b


assert log == ["made outer", "made inner", "applied inner", "applied outer"]
assert add(1, b=4) == ("outer", ("inner", 5)) and add.__name__ == "add" and add.__doc__ == "adds"


def register(cls):
    cls.registered = True
    return cls


@register
class C:
    @staticmethod
    @functools.cache
    def square(n):
        log.append(n)
        return n * n

    @functools.cached_property
    def slow(self):
        log.append("slow")
        return 42


log.clear()
assert C.registered and C.square(3) == C.square(3) == 9 and log == [3]
c = C()
assert c.slow == c.slow == 42 and log == [3, "slow"]


@functools.lru_cache(maxsize=2)
def half(n):
    return n // 2


for n in (1, 2, 1, 3, 2):
    half(n)
assert half.cache_info() == (1, 4, 2, 2), half.cache_info()


@functools.singledispatch
def show(x):
    return "object"


@show.register
def _(x: int):
    return "int"


assert show(1) == "int" and show("") == "object" and show(True) == "int"
assert functools.reduce(lambda a, b: a * b, range(1, 6)) == 120 and functools.partial(int, base=2)("101") == 5


@functools.total_ordering
class T:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n


assert T(1) <= T(1) and T(2) > T(1) and sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)) == [3, 2, 1]
