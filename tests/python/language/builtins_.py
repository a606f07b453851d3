"""Functions of builtins."""
assert abs(-3) == 3 and all([]) and not any([]) and any([0, 1]) and ascii("é") == "'\\xe9'"
assert bin(10) == "0b1010" and oct(8) == "0o10" and hex(-255) == "-0xff" and chr(0x1F600) == "\U0001F600" and ord("A") == 65
assert callable(len) and not callable(1) and divmod(-7, 2) == (-4, 1) and divmod(7.5, 2) == (3.0, 1.5)
assert list(enumerate("ab", 1)) == [(1, "a"), (2, "b")] and list(filter(None, [0, 1, "", 2])) == [1, 2]
assert list(map(lambda a, b: a + b, [1, 2], [3, 4])) == [4, 6] and list(zip("ab", [1, 2, 3])) == [("a", 1), ("b", 2)]
try:
    list(zip([1], [1, 2], strict=True))
except ValueError as e:
    assert str(e) == "zip() argument 2 is longer than argument 1"
assert max(3, 1) == 3 and max([], default=0) == 0 and min("b", "a") == "a" and max([1, -5], key=abs) == -5
assert sum([1, 2], 10) == 13 and sum([0.1] * 10) == 1.0 and sum([[1], [2]], []) == [1, 2]
assert sorted([3, 1, 2], reverse=True) == [3, 2, 1] and list(reversed([1, 2])) == [2, 1]
assert round(2.5) == 2 and round(3.5) == 4 and round(1.25, 1) == 1.2 and round(1234, -2) == 1200 and type(round(1.0)) is int
assert pow(2, 10) == 1024 and pow(3, -1, 7) == 5 and pow(2, -1) == 0.5
assert isinstance(True, int) and type(1) is int and id(1) == id(1) and hash(1) == hash(1.0) == hash(True)
assert getattr(1, "nope", "d") == "d" and hasattr("", "join") and repr("a'b") == '"a\'b"'
assert eval("1 + x", {"x": 2}) == 3
scope = {}
exec("def g(n):\n    return n * 2\nv = g(4)", scope)
assert scope["v"] == 8
code = compile("a = b + 1", "<made>", "exec")
scope = {"b": 4}
exec(code, scope)
assert scope["a"] == 5 and code.co_filename == "<made>"
try:
    compile("a = = 1", "<bad>", "exec")
except SyntaxError as e:
    assert (e.msg, e.lineno, e.filename) == ("invalid syntax", 1, "<bad>") and e.text.rstrip() == "a = = 1"
else:
    raise AssertionError
it = iter([1, 2].pop, 1)
assert next(it) == 2 and list(it) == []
assert list(range(10, 0, -3)) == [10, 7, 4, 1] and len(range(0, 10**30, 10**29)) == 10 and 5 in range(0, 10, 5)
assert range(3)[-1] == 2 and range(0, 10)[2:8:2] == range(2, 8, 2) and range(0, 3, 2) == range(0, 4, 2)
assert slice(1, 10, 2).indices(5) == (1, 5, 2) and isinstance(locals(), dict) and "scope" in globals()
assert "append" in dir([]) and sorted(vars(type("N", (), {"a": 1})).keys())[-1] == "a" and format(3.14159, ".2f") == "3.14"
assert __name__ == "__main__" and __import__("math").floor(2.5) == 2
assert int.from_bytes(b"\x01\x00") == 256 and (258).to_bytes(2) == b"\x01\x02" and print(end="") is None
assert type(...) is type(Ellipsis) and repr(NotImplemented) == "NotImplemented" and bool([]) is False
import io
out = io.StringIO()
print(1, "a", None, sep="-", end="!\n", file=out)
assert out.getvalue() == "1-a-None!\n"
