"""Attributes of SyntaxError: position, end and the line, as CPython 3.14 gives them."""


def of(source):
    try:
        compile(source, "f", "exec")
    except SyntaxError as e:
        return e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text
    raise AssertionError(f"{source!r} compiles")


INVALID = "invalid syntax"
HERE = "cannot assign to {} here. Maybe you meant '==' instead of '='?"
NAMED = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
EOF = "unexpected EOF while parsing"

for source, *expected in [
    # The parser's lines end with a newline, also where the source does not.
    ("a b", INVALID, 1, 3, 1, 4, "a b\n"),
    ("1 +", INVALID, 1, 4, 1, 5, "1 +\n"),
    ("1 +\n", INVALID, 1, 4, 1, 5, "1 +\n"),
    ("x = 1if\nz = 1\n", INVALID, 1, 8, 1, 9, "x = 1if\n"),
    ("é = 1\né é", INVALID, 2, 3, 2, 4, "é é\n"),
    ("lambda x=: 1", INVALID, 1, 10, 1, 11, "lambda x=: 1\n"),
    ("import", "Expected one or more names after 'import'", 1, 7, 1, 7, "import\n"),
    # The tokenizer's do not.
    ("x = }\nz = 1\n", "unmatched '}'", 1, 5, 1, 5, "x = }"),
    ("x = [1,\n(2]", "closing parenthesis ']' does not match opening parenthesis '('", 2, 3, 2, 3, "(2]"),
    ("x = 1__0\n", "invalid decimal literal", 1, 6, 1, 6, "x = 1__0"),
    ("x = 'abc\n", "unterminated string literal (detected at line 1)", 1, 5, 1, 5, "x = 'abc"),
    ("x = f'}'\n", "f-string: single '}' is not allowed", 1, 7, 1, 7, "x = f'}'"),
    ("x = ub'a'\n", "'u' and 'b' prefixes are incompatible", 1, 5, 1, 7, "x = ub'a'"),
    ("x = 0777\n", "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
     1, 5, 1, 6, "x = 0777"),
    # A line that was read past.
    ("x = (", "'(' was never closed", 1, 5, 1, 0, "x = (\n"),
    ("x = (\n1\n", "'(' was never closed", 1, 5, 1, 0, "x = ("),
    # Ends that are none.
    ("  y", "unexpected indent", 1, 2, 1, -1, "  y\n"),
    ("if 1:\n  x\n y", "unindent does not match any outer indentation level", 3, 3, 3, -1, " y\n"),
    ("if 1:\n\tx\n        y", "inconsistent use of tabs and spaces in indentation", 3, 1, 3, 0, "        y\n"),
    ("x = \\ 1", "unexpected character after line continuation character", 1, 6, 1, 0, "x = \\ 1\n"),
    ("{1: 2, 3}", "':' expected after dictionary key", 1, 8, 1, 0, "{1: 2, 3}\n"),
    ("x = 1\\", EOF, 1, 7, 1, -1, "x = 1\\\n"),
    ("if 1:\n x = 1\\\n", EOF, 2, 8, 2, -1, " x = 1\\\n"),
    # The last target of a tuple without parentheses.
    ("a, 1 = 2", HERE.format("literal"), 1, 4, 1, 5, "a, 1 = 2\n"),
    ("a, f() = 2", HERE.format("function call"), 1, 4, 1, 7, "a, f() = 2\n"),
    ("a, (1) = 2", HERE.format("literal"), 1, 5, 1, 6, "a, (1) = 2\n"),
    ("a, 1 = b, c = 2", HERE.format("literal"), 1, 4, 1, 5, "a, 1 = b, c = 2\n"),
    ("x = 1 = 2", "cannot assign to literal", 1, 5, 1, 6, "x = 1 = 2\n"),
    ("f() = not b", "cannot assign to function call", 1, 1, 1, 4, "f() = not b\n"),
    ("a, 1 = b = 2", "cannot assign to literal", 1, 4, 1, 5, "a, 1 = b = 2\n"),
    ("(a, 1) = 2", "cannot assign to literal", 1, 5, 1, 6, "(a, 1) = 2\n"),
    # Elements of a statement's tuple are taken for named expressions first.
    ("1, a = 2", NAMED, 1, 4, 1, 9, "1, a = 2\n"),
    ("a = b, 1 = 2", NAMED, 1, 1, 1, 6, "a = b, 1 = 2\n"),
    ("x = a, 1 = 3", NAMED, 1, 1, 1, 6, "x = a, 1 = 3\n"),
    ("1, 2 = a", HERE.format("literal"), 1, 4, 1, 5, "1, 2 = a\n"),
    ("if x: 1, a = 2", NAMED, 1, 10, 1, 15, "if x: 1, a = 2\n"),
    ("1; not b, a = 2", NAMED, 1, 11, 1, 16, "1; not b, a = 2\n"),
    ("(a, 1), b = 2", NAMED, 1, 9, 1, 14, "(a, 1), b = 2\n"),
    ("1, *a = 2", "cannot assign to literal", 1, 1, 1, 2, "1, *a = 2\n"),
    ("a = b = 1, c = 3", "cannot assign to literal", 1, 9, 1, 10, "a = b = 1, c = 3\n"),
    ("a = yield = 1", "assignment to yield expression not possible", 1, 5, 1, 10, "a = yield = 1\n"),
    ("yield 1, a = 2", "assignment to yield expression not possible", 1, 1, 1, 11, "yield 1, a = 2\n"),
    ("return 1, a = 2", INVALID, 1, 13, 1, 14, "return 1, a = 2\n"),
    ("for x in 1, a = 2: pass", INVALID, 1, 15, 1, 16, "for x in 1, a = 2: pass\n"),
    ("a = 1, b += 2", INVALID, 1, 10, 1, 12, "a = 1, b += 2\n"),
    ("1, a: int", "only single target (not tuple) can be annotated", 1, 1, 1, 2, "1, a: int\n"),
    # What is unpacked in braces is an operand, with nothing behind it.
    ("{**x: 1}", INVALID, 1, 5, 1, 6, "{**x: 1}\n"),
    ("{**(x): 1}", INVALID, 1, 7, 1, 8, "{**(x): 1}\n"),
    ("{**x == 1}", INVALID, 1, 6, 1, 8, "{**x == 1}\n"),
    ("{**x y: 1}", INVALID, 1, 6, 1, 7, "{**x y: 1}\n"),
    ("{*x: 1}", INVALID, 1, 4, 1, 5, "{*x: 1}\n"),
    ("{1: 2, *x}", INVALID, 1, 8, 1, 9, "{1: 2, *x}\n"),
    ("{1: **x}", INVALID, 1, 5, 1, 7, "{1: **x}\n"),
    ("{**x, 3}", "':' expected after dictionary key", 1, 7, 1, 0, "{**x, 3}\n"),
    ("{1: 2, 'é'}", "':' expected after dictionary key", 1, 10, 1, 0, "{1: 2, 'é'}\n"),
    ("{**x for x in y}", "dict unpacking cannot be used in dict comprehension", 1, 2, 1, 4, "{**x for x in y}\n"),
]:
    assert of(source) == tuple(expected), (source, of(source))

# A key is refused as soon as it begins where the arguments are no mapping.
for template in "%(", "%(a", "%(a)", "%(a)s", b"%(", b"%(a)s":
    try:
        template % 5
    except TypeError as e:
        assert str(e) == "format requires a mapping", e
    else:
        raise AssertionError(template)
try:
    "%(a" % {}
except ValueError as e:
    assert str(e) == "incomplete format key", e
else:
    raise AssertionError

print("ok")
