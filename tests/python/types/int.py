"""Integers of every size."""
import sys
big = 1 << 100
assert big == 1267650600228229401496703205376 and str(-big) == "-1267650600228229401496703205376"
for a in (0, 1, -1, 7, -7, 2**31, -(2**31), 2**61, 2**62 - 1, 2**62, -(2**62), -(2**62) - 1, 2**63, 2**64 + 3, -(10**40), 3**200):
    for b in (1, -1, 3, -4, 2**32 - 1, 2**62, -(2**63), 10**25 + 1):
        q, r = divmod(a, b)
        assert q * b + r == a and (0 <= r < b or b < r <= 0) and a // b == q and a % b == r
        assert (a + b) - b == a and a * b // b == a and -(-a) == a and (a - b) + b == a
        assert (a & b) + (a | b) == a + b and (a ^ b) == (a | b) - (a & b) and ~a == -a - 1
        assert (a < b) == (not a >= b) and (a == b) == (hash(a) == hash(b) and not a != b)
    assert int(str(a)) == a and int(hex(a), 16) == a and int(bin(a), 0) == a and int(f"{a:_}") == a
    assert (a << 67) >> 67 == a and a >> 200 == (-1 if a < 0 else 0) or abs(a) > 2**200
    assert int.from_bytes(a.to_bytes(50, "little", signed=True), "little", signed=True) == a
assert 2**62 - 1 + 1 == 4611686018427387904 and -(2**62) - 1 == -4611686018427387905 and 3037000500**2 == 9223372037000250000
assert (10).bit_length() == 4 and (255).bit_count() == 8 and (2**70).bit_length() == 71 and (6).as_integer_ratio() == (6, 1)
assert int("  -0x_ff ".strip(), 0) == -255 and int("12", 5) == 7 and int(3.9) == 3 and int(-3.9) == -3 and int("١٢") == 12
assert int(1e20) == 100000000000000000000 and 7 / 2 == 3.5 and (10**400) / (10**399) == 10.0 and 2**-1 == 0.5
assert pow(3, 1000, 10**9 + 7) == 56888193 and pow(2, 200) % 1000007 == pow(2, 200, 1000007)
assert True + True == 2 and str(True) == "True" and isinstance(False, int) and True & 1 == 1 and (True & False) is False
assert f"{1234567:,} {-42:05d} {42:<5}| {42:^6}| {255:X} {255:#o} {65:c} {2:e}" == "1,234,567 -0042 42   |   42  | FF 0o377 A 2.000000e+00"
assert "%d %5.3d %x %-4d| %+d" % (3, 7, 255, 5, 1) == "3   007 ff 5   | +1"


def fails(error, message, f):
    try:
        f()
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError(message)


fails(ValueError, "invalid literal for int() with base 10: 'x1'", lambda: int("x1"))
fails(ZeroDivisionError, "division by zero", lambda: 1 / 0)
fails(ZeroDivisionError, "division by zero", lambda: 1 % 0)
fails(ValueError, "negative shift count", lambda: 1 << -1)
fails(OverflowError, "cannot convert float infinity to integer", lambda: int(float("inf")))
fails(OverflowError, "int too large to convert to float", lambda: float(10**400))
fails(OverflowError, "int too big to convert", lambda: (256).to_bytes(1))
fails(TypeError, "unsupported operand type(s) for +: 'int' and 'str'", lambda: 1 + "a")
fails(ValueError, "Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit", lambda: str(10**5000))
assert sys.get_int_max_str_digits() == 4300


class I(int):
    def __add__(self, o): return "mine"


assert I(5) + 1 == "mine" and I(5) - 1 == 4 and type(I(5) * 1) is int and repr(I(7)) == "7"
n = 1
for i in range(1, 60):
    n *= i
assert str(n) == "138683118545689835737939019720389406345902876772687432540821294940160000000000000" and n % 59 == 0
