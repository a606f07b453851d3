"""Methods of str."""
s = "Hello, World"
assert s[0] + s[-1] == "Hd" and s[::-1] == "dlroW ,olleH" and s[7:] == "World" and s[1:9:3] == "eoW"
assert s.upper() == "HELLO, WORLD" and s.lower() == "hello, world" and s.swapcase() == "hELLO, wORLD" and "ab cd".title() == "Ab Cd"
assert s.find("o") == 4 and s.rfind("o") == 8 and s.find("z") == -1 and s.count("l") == 3 and s.index("W") == 7 and "World" in s
assert s.startswith(("x", "He")) and s.endswith("ld") and s.startswith("W", 7) and s.replace("l", "L", 2) == "HeLLo, World"
assert " a b  c ".split() == ["a", "b", "c"] and "a,b,,c".split(",") == ["a", "b", "", "c"] and "a b c".rsplit(None, 1) == ["a b", "c"]
assert "a=b=c".partition("=") == ("a", "=", "b=c") and "a=b=c".rpartition("=") == ("a=b", "=", "c") and "a\nb\r\nc".splitlines() == ["a", "b", "c"]
assert "-".join(["a", "b"]) == "a-b" and "  x ".strip() == "x" and "xxaxx".strip("x") == "a" and "abc".lstrip("ab") == "c"
assert "ab".center(6, "*") == "**ab**" and "7".zfill(3) == "007" and "-7".zfill(4) == "-007" and "ab".ljust(4) + "|" == "ab  |" and "a\tb".expandtabs(4) == "a   b"
assert "abc".isalpha() and "12".isdigit() and not "1.2".isdecimal() and "a1".isalnum() and " ".isspace() and "Ab".istitle() and "a_1".isidentifier()
assert "prefix-x".removeprefix("prefix-") == "x" and "a.py".removesuffix(".py") == "a" and "ß".casefold() == "ss" and "ß".upper() == "SS"
assert "abc".translate({97: "x", 98: None}) == "xc" and str.maketrans("ab", "cd") == {97: 99, 98: 100} and "é".encode() == b"\xc3\xa9"
assert "{} {1} {x}".replace(" {1}", "").format(1, x=2) == "1 2" and "{0[a]} {1.real}".format({"a": 5}, 3) == "5 3" and "{:>{w}}".format("a", w=3) == "  a"
assert "%s %r %5s|%-5s|%%" % ("a", "b", "c", "d") == "a 'b'     c|d    |%" and "%(k)s" % {"k": 1} == "1"
assert "a" * 3 == "aaa" and "a" < "b" < "ba" and "é" > "z" and "" == str() and len("日本語") == 3 and "日本語"[1] == "本" and len("😀") == 1
assert repr("a\n\t\\\x00\x7f\u200b😀é") == "'a\\n\\t\\\\\\x00\\x7f\\u200b😀é'" and repr("\ud800") == "'\\ud800'" and ascii("日") == "'\\u65e5'"
assert "\N{GREEK SMALL LETTER ALPHA}" == "α" and "\x41\u0042\U00000043\103" == "ABCC" and r"\n" == "\\n"
assert sorted("banana") == list("aaabnn") and "abc".__contains__("b") and hash("a" + "b") == hash("ab") and "a" "b" is not None
assert str(b"abc", "ascii") == "abc" and str(3) == "3" and bytes("a", "utf-16-le") == b"a\0" and "é".encode("latin-1") == b"\xe9"
try:
    "é".encode("ascii")
except UnicodeEncodeError as e:
    assert str(e) == "'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)"
assert "é".encode("ascii", "replace") == b"?" and "é".encode("ascii", "xmlcharrefreplace") == b"&#233;" and b"\xff".decode("utf-8", "replace") == "\ufffd"
assert b"\xff".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape") == b"\xff"
for bad, error, message in (
    (lambda: "a" + 1, TypeError, 'can only concatenate str (not "int") to str'),
    (lambda: "a"[5], IndexError, "string index out of range"),
    (lambda: "a".index("b"), ValueError, "substring not found"),
    (lambda: ",".join([1]), TypeError, "sequence item 0: expected str instance, int found"),
    (lambda: "a"["b"], TypeError, "string indices must be integers, not 'str'"),
    (lambda: "%d" % "x", TypeError, "%d format: a real number is required, not str"),
    (lambda: "%s %s" % (1,), TypeError, "not enough arguments for format string"),
):
    try:
        bad()
    except error as e:
        assert str(e) == message, str(e)
    else:
        raise AssertionError(message)


class S(str):
    extra = 1


t = S("abc")
assert t.upper() == "ABC" and type(t.upper()) is str and t == "abc" and {t: 1}["abc"] == 1 and t.extra == 1
x = ""
for i in range(1000):
    x += chr(0x61 + i % 26)
assert len(x) == 1000 and x[26:52] == "abcdefghijklmnopqrstuvwxyz"
