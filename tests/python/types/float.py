"""Floats and complex numbers."""
import math
inf, nan = float("inf"), float("nan")
assert repr(0.1) == "0.1" and repr(1e16) == "1e+16" and repr(123456789012345.6) == "123456789012345.6" and repr(1e-5) == "1e-05"
assert repr(5e-324) == "5e-324" and repr(1.7976931348623157e308) == "1.7976931348623157e+308" and repr(-0.0) == "-0.0"
assert repr(2.0**60) == "1.152921504606847e+18" and repr(0.1 + 0.2) == "0.30000000000000004" and str(inf) == "inf"
assert nan != nan and not nan < 1 and inf > 10**400 and [nan] != [float("nan")] and -inf < -(10**400)
assert 7.5 // 2 == 3.0 and -7.5 % 2 == 0.5 and divmod(-7.5, 2) == (-4.0, 0.5) and 2**0.5 == 1.4142135623730951
assert 1.0 == 1 and hash(2.0) == hash(2) and hash(2.5) == hash(2.5) and 2**53 + 1 != float(2**53) and 0.5 < 1 < 1.5
assert (0.5).as_integer_ratio() == (1, 2) and (2.0).is_integer() and (1.5).hex() == "0x1.8000000000000p+0"
assert float.fromhex("0x1.8p1") == 3.0 and float(" 1_0.5e1 ") == 105.0 and float("-Infinity") == -inf
assert round(2.675, 2) == 2.67 and round(0.5) == 0 and round(-1.5) == -2 and round(1e300, 2) == 1e300
assert f"{3.14159:.3f} {3.0:g} {1e6:g} {1e5:,.1f} {0.00001:g} {1.5:10.2e}|{inf:5}|{-1.5:+} {0.25:.0%}" == (
    "3.142 3 1e+06 100,000.0 1e-05   1.50e+00|  inf|-1.5 25%")
assert "%.2f %5.1f %e %g %r" % (1.005, 2.25, 12345.678, 1e-7, 0.5) == "1.00   2.2 1.234568e+04 1e-07 0.5"
assert math.floor(-1.5) == -2 and math.ceil(1.2) == 2 and math.trunc(-1.7) == -1 and math.fsum([0.1] * 10) == 1.0
assert math.isclose(math.sin(math.pi / 6), 0.5) and math.hypot(3, 4) == 5.0 and math.gcd(12, 18) == 6 and math.isqrt(99) == 9
assert math.factorial(20) == 2432902008176640000 and math.comb(10, 3) == 120 and math.copysign(1, -0.0) == -1.0
assert math.frexp(8.0) == (0.5, 4) and math.ldexp(0.5, 4) == 8.0 and math.modf(2.5) == (0.5, 2.0) and math.isnan(nan)
for f, error in ((lambda: float("x"), ValueError), (lambda: 1.0 / 0, ZeroDivisionError), (lambda: math.sqrt(-1), ValueError),
                 (lambda: math.exp(1000), OverflowError), (lambda: 2.0**10000, OverflowError), (lambda: int(nan), ValueError)):
    try:
        f()
    except error:
        pass
    else:
        raise AssertionError
z = 3 + 4j
assert abs(z) == 5.0 and z.conjugate() == 3 - 4j and z * 1j == -4 + 3j and repr(z) == "(3+4j)" and complex("1-2j") == 1 - 2j
assert z.real == 3.0 and z == complex(3, 4) and (1 + 0j) == 1 and z**2 == -7 + 24j and z / (1 + 1j) == 3.5 + 0.5j
# Every pattern of exponent bits survives a list, an attribute and arithmetic.
values = [math.ldexp(s * m, e) for e in range(-1074, 1023, 13) for m in (1.0, 1.5) for s in (1, -1)]
assert [float(repr(v)) for v in values] == values and [v + 0.0 for v in values] == values and [-(-v) for v in values] == values
