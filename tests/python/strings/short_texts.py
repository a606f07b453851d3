"""Short texts and numbers are made in ways of their own: they give what the long ways give, for all kinds of arguments."""

import random

random.seed(7)


def raises(error, f, *args, **keywords):
    try:
        f(*args, **keywords)
    except error as e:
        return str(e)
    raise AssertionError(f"no {error.__name__}")


def same(text, wanted):
    """Equal, and canonical: found by hash and by comparison alike."""
    assert text == wanted and type(text) is str, (text, wanted)
    assert hash(text) == hash(wanted) and {wanted: 1}[text] == 1
    assert text.isascii() == wanted.isascii() and text.encode() == wanted.encode()


class Text(str):
    def __str__(self):
        return Text("shown")


class Number(int):
    def __format__(self, spec):
        return "<" + spec + ">"

    def __str__(self):
        return "text"


class Real(float):
    def __round__(self, n=None):
        return ("rounded", n)


# Floats: exact halves go to the even digit, by all ways.
for x, digits, wanted in [
    (0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.5, 0, "2"), (3.5, 0, "4"), (-0.5, 0, "-0"), (2.675, 2, "2.67"),
    (-0.0, 1, "-0.0"), (5e-324, 17, "0.00000000000000000"), (0.999999, 2, "1.00"), (9.995, 2, "9.99"),
    (8999999999999999.0, 3, "8999999999999999.000"), (9e15, 1, "9000000000000000.0"), (1e22, 1, "1" + "0" * 22 + ".0"),
    (0.1, 20, "0.10000000000000000555"), (1e300, 0, f"{int(1e300)}"), (float("inf"), 2, "inf"), (float("-inf"), 2, "-inf"),
    (float("nan"), 2, "nan"),
]:
    same(f"{x:.{digits}f}", wanted)
    same("%.*f" % (digits, x), wanted)
    same(("%%.%df" % digits) % x, wanted)
    same(("%%%d.%df|" % (30, digits)) % x, wanted.rjust(30) + "|")
    same(f"{x:<30.{digits}f}|", wanted.ljust(30) + "|")
for _ in range(3000):
    x, digits = random.uniform(-1, 1) * 10.0 ** random.randint(-12, 16), random.randint(0, 19)
    text = f"{x:.{digits}f}"
    assert text == f"{x:,.{digits}f}".replace(",", "") == "%.*f" % (digits, x)
    assert round(x, digits) == float(text)
assert f"{0.125:.1%}" == "12.5%" and f"{-2.5:+08.1f}" == "-00002.5" and f"{2.5:é^9.1f}" == "ééé2.5ééé"
assert f"{2.5:€>6.1f}" == "€€€2.5" and f"{-0.01:z.1f}" == "0.0" and f"{1.0:#.0f}" == "1."
assert raises(ValueError, format, 2.5, "5.2d") == "Unknown format code 'd' for object of type 'float'"
assert repr(-20.4466094970703125) == "-20.446609497070312" and repr(41 / 2**22) == "9.775161743164062e-06"
assert round(2.5) == 2 and round(2.55, 1) == 2.5 and round(-0.04, 1) == 0 and str(round(-0.04, 1)) == "-0.0"
assert round(1e300, 2) == 1e300 and round(1234.5, -2) == 1200.0 and round(7, -1) == 10 and round(True) == 1
assert round(Real(2.5), 1) == ("rounded", 1) and round(2.5, None) == 2
assert divmod(7.5, 2.0) == (3.0, 1.5) and raises(ZeroDivisionError, divmod, 1.0, 0.0) == "division by zero"

# Ints in all bases.
for n in [0, 1, -1, 255, -255, 2**62 - 1, 2**62, -(2**62), 2**63 - 1, -(2**63), 2**63, 2**64, -(10**30)]:
    magnitude, sign = abs(n), "-" if n < 0 else ""
    for base, letter, function in [(2, "b", bin), (8, "o", oct), (16, "x", hex)]:
        digits = f"{magnitude:{letter}}"
        assert int(digits, base) == magnitude
        same(function(n), sign + "0" + letter + digits)
        same(f"{n:#{letter}}", sign + "0" + letter + digits)
    same("%d" % n, str(n))
    same("%25d|" % n, str(n).rjust(25) + "|")
    if len(str(n)) % 2 == 0:
        same(f"{n:*^30}", str(n).center(30, "*"))
    same("%#x" % n, hex(n))
    for length in range(0, 12):
        for order in ("big", "little"):
            for signed in (False, True):
                low, high = (-(1 << 8 * length) >> 1, (1 << 8 * length >> 1) - 1) if signed else (0, (1 << 8 * length) - 1)
                if n < 0 and not signed:
                    assert "negative" in raises(OverflowError, n.to_bytes, length, order, signed=signed)
                elif n and not (length and low <= n <= high):
                    assert raises(OverflowError, n.to_bytes, length, order, signed=signed) == "int too big to convert"
                else:
                    b = n.to_bytes(length, order, signed=signed)
                    assert len(b) == length and int.from_bytes(b, order, signed=signed) == n
                    assert int.from_bytes(list(b), order, signed=signed) == n
assert bin(True) == "0b1" and hex(Number(10)) == "0xa" and raises(TypeError, bin, 1.5)
assert int.from_bytes(b"") == 0 and int.from_bytes(b"\xff" * 8) == 2**64 - 1 and type(Number.from_bytes(b"a")) is Number
assert raises(ValueError, int.from_bytes, b"a", "middle") == "byteorder must be either 'little' or 'big'"
assert f"{Number(3):5}" == "<5>" and "%s %d" % (Number(3), Number(3)) == "text 3" and "{}".format(Number(3)) == "<>"
for a in [2**63, -(2**63), 2**64 - 1, 2**64, -(2**64), 10**40, -(10**40)]:
    for b in [0, 1, -1, 255, 2**62 - 1, 2**63, 2**64 - 1, -(2**63), -(2**100)]:
        assert a + b - b == a and b + a - a == b and (a - b) + b == a and b - a == -(a - b)
        assert a * b == b * a and (b == 0 or a * b // b == a)
        assert (a & b) + (a | b) == a + b and a & b == b & a and a & b == a - (a & ~b)

# Templates with %.
assert "%5.1f%%" % 12.34 == " 12.3%" and "%05d|%-5d|%+d|% d" % (42, 42, 42, 42) == "00042|42   |+42| 42"
assert "%.3s|%5s|%-5s|%5.1s" % ("abcd", "é", "日", "xy") == "abc|    é|日    |    x"
assert "%(a)5.2f %(b)s %(a)d" % {"a": 2.5, "b": "é"} == " 2.50 é 2" and "%(prog)s" % {"prog": "x"} == "x"
assert "%x %X %#o %i" % (255, 255, 8, 2.9) == "ff FF 0o10 2"
assert "%s" % [1] == "[1]" and "%s" % None == "None" and "%r" % {1: 2} == "{1: 2}" and "%.0f" % 2.5 == "2"
assert "%d" % 2.9 == "2" and "%.2f" % 3 == "3.00" and "%d" % True == "1" and "%f" % Real(1.5) == "1.500000"
same("%.1s" % "aé", "a")
same("%.0s" % "é", "")
assert raises(TypeError, lambda: "%d" % "x") == "%d format: a real number is required, not str"
assert raises(TypeError, lambda: "%d" % ()) == "not enough arguments for format string"
assert raises(TypeError, lambda: "%d" % (1, 2)) == "not all arguments converted during string formatting"
assert raises(ValueError, lambda: "%5y" % 1) == "unsupported format character 'y' (0x79) at index 2"
assert raises(ValueError, lambda: "%5" % 1) == "incomplete format"
assert "%12345d" % 7 == "7".rjust(12345) and "%.12345f" % 0.5 == "0.5" + "0" * 12344
x = "some text"
assert "%s" % x is x and "%s" % Text("t") == "shown" and f"{Text('t')}" == "shown"

# str.format.
assert "a{}b{}".format(1, "é") == "a1bé" and "{}日".format("x") == "x日" and "{{{}}}".format(-5) == "{-5}"
assert "{:>5}|{!r:<6}|{:{}}".format("é", "a", 7, 4) == "    é|'a'   |   7" and "{0}{k}".format(1, k=2) == "12"
long = "{}" * 200
assert long.format(*range(200)) == "".join(map(str, range(200))) and ("é" * 150 + "{}").format(1) == "é" * 150 + "1"
assert raises(IndexError, "{}{}".format, 1) == "Replacement index 1 out of range for positional args tuple"
assert raises(KeyError, "{k}".format, 1) == "'k'" and raises(TypeError, str.format)
assert raises(ValueError, "{".format, 1) == "Single '{' encountered in format string"
assert raises(ValueError, "a}".format, 1) == "Single '}' encountered in format string"

# Methods that make texts, and slices.
texts = ["", "a", "ab", "a b", "x=y=z", " a  b ", "aéb", "é", "日本", "a日b", "\U0001f600a", "hello world " * 30, "they're _a1b"]
for t in texts:
    for width in (-1, 0, 3, len(t), len(t) + 1, len(t) + 4, len(t) + 7):
        room = max(width - len(t), 0)
        for fill in " *é日":
            same(t.ljust(width, fill), t + fill * room)
            same(t.rjust(width, fill), fill * room + t)
            left = room // 2 + (room & width & 1)
            same(t.center(width, fill), fill * left + t + fill * (room - left))
        same(t.zfill(width), "0" * room + t)
        same(("-" + t).zfill(width + 1), "-" + "0" * room + t)
    for step in (1, 2, 3, -1, -2, -7):
        for start in (None, 0, 1, -1):
            same(t[start::step], "".join(t[i] for i in range(len(t))[start::step]))
    for n in (0, 1, 2, 3, 7):
        same(t * n, "".join([t] * n))
    for old in ("a", "é", "日", "lo wo", "  ", "missing", t or "x"):
        for new in ("", "-", "new", "é", "日"):
            same(t.replace(old, new), new.join(t.split(old)))
            same(t.replace(old, new, 2), new.join(t.split(old, 2)))
            assert t.replace(old, new, 0) == t
        assert t.count(old) == len(t.split(old)) - 1
        head, middle, tail = t.partition(old)
        assert head + middle + tail == t and (middle == old) == (old in t) and old not in head
        head, middle, tail = t.rpartition(old)
        assert head + middle + tail == t and (middle == old) == (old in t) and old not in tail
        assert old.join(t.rsplit(old)) == t
    for piece in t.split() + t.split("a") + t.splitlines() + list(t.partition("a")):
        same(piece, "".join(list(piece)))
    upper = t.swapcase()
    same(upper.swapcase().swapcase(), upper)
assert "they're bill's 2nd x_y".title() == "They'Re Bill'S 2Nd X_Y" and "ǆ ß".title() == "ǅ Ss"
assert "hELLO wORLD".capitalize() == "Hello world" and "aB1é".swapcase() == "Ab1É" and "ABC".casefold() == "abc"
assert ",".join(map(str, range(50))).split(",") == [str(i) for i in range(50)] and "a,b".split(",", 0) == ["a,b"]
assert ("x" * 300 + "needle").replace("needle", "") == "x" * 300 and ("ab" * 100).replace("ba", "") == "a" + "b"
whole = "unchanged"
assert whole.split(",")[0] is whole and whole.replace("z", "y") is whole and whole.center(3) is whole and whole[:] is whole
assert type(Text("ab").split(",")[0]) is str and type(Text("ab").center(1)) is str and type(Text("ab") * 1) is str
assert raises(ValueError, "a".split, "") == "empty separator" and raises(TypeError, "a".replace, "a", None)
for call in (lambda: "ab" * (1 << 62), lambda: "a".center(1 << 62), lambda: b"a" * (1 << 61), lambda: bytes(1 << 62)):
    raises((MemoryError, OverflowError), call)

# Codecs with handlers.
assert "x".encode("utf-8", "surrogateescape") == b"x" and b"a\xff".decode("utf-8", "surrogateescape") == "a\udcff"
assert "a\udcff".encode("utf-8", "surrogateescape") == b"a\xff"
assert raises(ValueError, "x".encode, "utf-8", "a-long-name\0") == "embedded null character"
assert raises(ValueError, b"x".decode, "utf\0") == "embedded null character"

# bytes.
assert bytes() == b"" and bytes(3) == b"\0\0\0" and bytes(0) == b"" and bytes(b"ab") == b"ab" and bytes([1, 2]) == b"\1\2"
assert raises(ValueError, bytes, -1) == "negative count" and raises(TypeError, bytes, 1.5) and bytes("é", "utf-8") == b"\xc3\xa9"
assert raises(OverflowError, bytes, 1 << 70) and bytes(True) == b"\0"
for b in (b"", b"a", b"ab", b"\0\xff" * 40):
    assert b + b"" == b"" + b == b and b + b"xy" == bytes(list(b) + [120, 121]) and b + bytearray(b"z") == b + b"z"
    same(b.hex(), "".join(f"{x:02x}" for x in b))
    assert bytes.fromhex(b.hex(":", 2).replace(":", "")) == b and bytearray(b).hex() == b.hex()
    assert [b * n for n in (-1, 0, 1, 3)] == [b"", b"", b, b"".join([b, b, b])]
    assert memoryview(b).tobytes() == b and memoryview(bytearray(b)).readonly is False
    assert hash(b * 2) == hash(bytes(list(b * 2)))
assert raises(TypeError, memoryview, "x") and raises(TypeError, memoryview) and memoryview(object=b"ab")[1] == 98


# bool.
class Truth:
    def __init__(self, answer):
        self.answer = answer

    def __bool__(self):
        return self.answer


assert [bool(x) for x in ([], [1], "", 0.0, None, Truth(True), Truth(False))] == [False, True, False, False, False, True, False]
assert bool() is False and raises(TypeError, bool, Truth(1)) == "__bool__ should return bool, returned int"
assert raises(TypeError, bool, 1, 2) == "bool expected at most 1 argument, got 2" and raises(TypeError, bool, x=1)
