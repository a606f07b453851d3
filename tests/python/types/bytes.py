"""bytes, bytearray, memoryview."""
b = b"Hello"
assert b[0] == 72 and b[1:3] == b"el" and list(b[:2]) == [72, 101] and b + b"!" == b"Hello!" and b * 2 == b"HelloHello"
assert b.upper() == b"HELLO" and b.find(b"l") == 2 and b.replace(b"l", b"L") == b"HeLLo" and 101 in b and b"ll" in b
assert bytes(3) == b"\0\0\0" and bytes([1, 2]) == b"\x01\x02" and bytes.fromhex("0a ff") == b"\n\xff" and b"\xab".hex() == "ab"
assert b"\x01\x02\x03".hex(":") == "01:02:03" and repr(b"a'\n\xff") == 'b"a\'\\n\\xff"' and b"a,b".split(b",") == [b"a", b"b"]
assert b"%d-%s" % (3, b"x") == b"3-x" and b"-".join([b"a", bytearray(b"b")]) == b"a-b" and b" x ".strip() == b"x" and b"abc".startswith(b"ab")
assert b"abc".translate(bytes.maketrans(b"ab", b"xy")) == b"xyc" and b"abc" < b"abd" and hash(b"a") == hash(b"a") and b"a" != "a"
a = bytearray(b"abc")
a.append(100)
a += b"e"
a[0] = 65
a[1:3] = b"xyz"
assert a == b"Axyzde" and a.pop() == 101 and a.pop(0) == 65 and bytes(a) == b"xyzd"
del a[::2]
assert a == bytearray(b"yd") and repr(a) == "bytearray(b'yd')"
a.extend([1, 2])
a.insert(0, 9)
a.reverse()
a.remove(9)
assert list(a) == [2, 1, 100, 121] and a.copy() is not a
a.clear()
assert not a
for bad, error in ((lambda: bytes([256]), ValueError), (lambda: b"a" + "b", TypeError), (lambda: bytes("a"), TypeError),
                   (lambda: bytearray(b"a").__setitem__(0, 300), ValueError), (lambda: b""[0], IndexError)):
    try:
        bad()
    except error:
        pass
    else:
        raise AssertionError
data = bytearray(b"0123456789")
m = memoryview(data)
m[0] = 65
m[2:4] = b"xy"
assert data == b"A1xy456789" and m[1:3].tobytes() == b"1x" and len(m) == 10 and m[::-2].tolist() == [57, 55, 53, 121, 49]
assert not m.readonly and memoryview(b"a").readonly and m.itemsize == 1 and m.format == "B" and m[4:6] == b"45"
try:
    data.append(1)
except BufferError as e:
    assert str(e) == "Existing exports of data: object cannot be re-sized"
else:
    raise AssertionError
with memoryview(b"abcd") as v:
    assert v.cast("H").itemsize == 2
m.release()
data.append(1)
