"""Writes the expectations of the unit tests, src/goldens/*.tsv, from the running CPython 3.14.

    python3.14 tools/gen_goldens.py src/goldens

Fields are separated by tabs and escaped with backslash (\\\\, \\t, \\n, \\r, \\uXXXX for surrogates). The last
field is the result, or `!Exception: message`.
"""
import random, sys
OUT = sys.argv[1]
random.seed(7)

def esc(s):
    out = []
    for c in s:
        if c == "\\": out.append("\\\\")
        elif c == "\t": out.append("\\t")
        elif c == "\n": out.append("\\n")
        elif c == "\r": out.append("\\r")
        elif 0xD800 <= ord(c) < 0xE000 or ord(c) < 32 or 0x7f <= ord(c) < 0xA0 or c in "\u2028\u2029":
            out.append("\\u%04x" % ord(c))
        else: out.append(c)
    return "".join(out)

def attempt(f):
    try:
        return f()
    except Exception as e:
        return f"!{type(e).__name__}: {e}"

def write(name, rows):
    with open(f"{OUT}/{name}.tsv", "w", encoding="utf-8") as f:
        for row in rows:
            f.write("\t".join(esc(x) for x in row) + "\n")

# --- format(): type, value, spec, result
def spec():
    r = random.random
    pick = random.choice
    s = ""
    if r() < .35: s += pick(["", "*", "0", "\u20ac", "x"]) + pick("<>^=")
    if r() < .25: s += pick("+- ")
    if r() < .1: s += "z"
    if r() < .15: s += "#"
    if r() < .2: s += "0"
    if r() < .6: s += str(pick([1, 3, 6, 8, 10, 13, 20]))
    if r() < .2: s += pick([",", "_", ",_", "_,", ",,"] if r() < .2 else [",", "_"])
    if r() < .35: s += "." + str(pick(["", 0, 1, 2, 3, 6, 10, 20]))
    if r() < .08: s += pick(",_")
    if r() < .85: s += pick("bcdoxXneEfFgGs%" + ("qZ\u20ac\x01" if r() < .1 else ""))
    if r() < .03: s += "?"
    return s

ints = [0, 1, -1, 5, 65, 1234, -1234567, 123456789012, 2**63, -2**64 - 12345, 10**25, 0x10FFFF, 0x110000, 8364]
floats = [0.0, -0.0, 1.0, -1.5, 0.1, 2.675, 1234567.891, -123456789.123456789, 1e15, 1e16, 1e22, 1e-5, 0.0001, 3.3e-310,
          1.7976931348623157e308, 0.5, 0.05, 99.995, 999999.5, float("inf"), float("-inf"), float("nan"), 1e100]
strs = ["", "a", "hello", "h\u00e9llo w\u20ac", "\U0001f600x"]
complexes = [0j, 1+2j, -0.0+1j, complex(0, -0.0), 1.5-2.25j, 1e20+1e-7j, complex("nan+infj"), 123456.789+1j]
rows = []
for vals, n in ((ints, 900), (floats, 1100), (strs, 300), (complexes, 300)):
    for _ in range(n):
        v = random.choice(vals); s = spec()
        rows.append((type(v).__name__, v if isinstance(v, str) else (f"{v.real!r} {v.imag!r}" if isinstance(v, complex) else repr(v)), s,
                     attempt(lambda: format(v, s))))
write("format", rows)

# --- %: type, value, template, result
def conv():
    r = random.random; pick = random.choice
    s = "%" + "".join(pick("-+ #0") for _ in range(pick([0, 0, 1, 1, 2])))
    if r() < .5: s += str(pick([1, 4, 8, 12, 15]))
    if r() < .4: s += "." + str(pick(["", 0, 1, 3, 8]))
    if r() < .05: s += pick("hlL")
    if r() < .97: s += pick("diuoxXeEfFgGcs" + ("%qk\u20ac\x01" if r() < .15 else ""))
    return pick(["", "a", "%%"]) + s + pick(["", "b", "\u20ac"])
rows = []
for _ in range(1500):
    v = random.choice(random.choice([ints, ints, floats])); s = conv()
    bad = sum(c in s for c in "cdiuoxX") and isinstance(v, float)
    if bad: continue
    rows.append((type(v).__name__, repr(v), s, attempt(lambda: s % v)))
write("percent", rows)

# --- str.format templates: parse|split, text, result
import _string
def show_parse(t):
    out = ""
    for lit, name, sp, cv in _string.formatter_parser(t):
        out += "<" + lit + ("" if name is None else f"|{name}|{sp}|{cv or ''}") + ">"
    return out
def show_split(t):
    first, rest = _string.formatter_field_name_split(t)
    out = f"#{first}" if isinstance(first, int) else first
    for attr, k in rest:
        out += f".{k}" if attr else f"[#{k}]" if isinstance(k, int) else f"[{k}]"
    return out
rows, seen = [], set()
for _ in range(600):
    t = "".join(random.choice(["{", "}", "{", "}", "!", ":", "[", "]", ".", "a", "0", "r", "{{", "\u20ac"]) for _ in range(random.randrange(1, 9)))
    if t not in seen: rows.append(("parse", t, attempt(lambda: show_parse(t)))); seen.add(t)
for _ in range(250):
    t = "".join(random.choice(["[", "]", ".", "a", "12", "\u0663", "x", "[k]", ".b"]) for _ in range(random.randrange(0, 6)))
    rows.append(("split", t, attempt(lambda: show_split(t))))
rows.append(("split", "9" * 30, attempt(lambda: show_split("9" * 30))))
write("template", rows)

# --- codecs: decode|partial|encode, codec, errors, input (bytes in hexadecimal), result
import codecs, _codecs, warnings
warnings.simplefilter("ignore")
CODECS = ["utf-8", "ascii", "latin-1", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
          "utf-32-be", "unicode_escape", "raw_unicode_escape"]
POLICIES = ["strict", "strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace",
            "xmlcharrefreplace", "namereplace"]
DECODE = {c: getattr(_codecs, c.replace("-", "_") + "_decode") for c in CODECS}
ENCODE = {c: getattr(_codecs, c.replace("-", "_") + "_encode") for c in CODECS}
def chunk(codec):
    pick = random.choice
    if codec == "utf-8":
        return pick([b"a", "\u00e9".encode(), "\u20ac".encode(), "\U0001f600".encode(), b"\x80", b"\xc0", b"\xe2\x82", b"\xf0\x9f",
                     b"\xed\xa0\x80", b"\xf4\x90", b"\xff", b"\xe0\x80", b"\xf0\x9f\x98", b"\xed", b"\xf5", b"\xc3"])
    if codec.startswith("utf-16"):
        return pick([b"a\0", b"\0a", b"\0\xd8", b"\xd8\0", b"\0\xdc", b"\xdc\0", b"\xff\xfe", b"\xfe\xff", b"a", b"\xac\x20"])
    if codec.startswith("utf-32"):
        return pick([b"a\0\0\0", b"\0\0\0a", b"\0\xd8\0\0", b"\0\0\xd8\0", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\0\0\x11\0", b"\0\x11\0\0",
                     b"\0\xf6\x01\0", b"a", b"\0\0"])
    if codec == "utf-7":
        return pick([b"a", b"+", b"-", b"AGE", b"AG", b"2D3eAA", b"IKw", b"~", b"\xff", b"!", b"2AA", b"+AGE-", b"B"])
    if codec.endswith("escape"):
        return pick([b"a", b"\\", b"\\n", b"\\x41", b"\\x4", b"\\u20ac", b"\\u20", b"\\U0001f600", b"\\U0011", b"0000", b"\\N{DIGIT ONE}",
                     b"\\N{nope}", b"\\N{", b"\\101", b"\\8", b"\\777", b"\xe9", b"\\\n", b"\\N", b"}", b"\\ud800"])
    return bytes([random.choice([65, 66, 127, 128, 200, 255])])
def show_decoded(codec, b, errors, last):
    f = DECODE[codec]
    s, n = f(b, errors) if codec in ("ascii", "latin-1") else f(b, errors, last)
    return f"{n}:{s}"
rows = []
for codec in CODECS:
    if codec == "latin-1": continue
    for _ in range(110):
        b = b"".join(chunk(codec) for _ in range(random.randrange(1, 6)))
        errors = random.choice(POLICIES); last = random.random() < .65
        rows.append(("decode" if last else "partial", codec, errors, b.hex(), attempt(lambda: show_decoded(codec, b, errors, last))))
for codec in CODECS:
    for _ in range(60):
        t = "".join(random.choice(["a", "z", "+", "-", "\\", "\n", "~", "\u00e9", "\u0100", "\u20ac", "\U0001f600", "\ud800", "\udc80", "\udcff", "\udfff", "\0"])
                    for _ in range(random.randrange(0, 7)))
        errors = random.choice(POLICIES)
        rows.append(("encode", codec, errors, t, attempt(lambda: ENCODE[codec](t, errors)[0].hex())))
write("codec", rows)

# --- methods: str|bytes, method, text (bytes as Latin-1), arguments..., result
NAMES0 = ["lower", "upper", "title", "capitalize", "swapcase", "isalpha", "isalnum", "isdigit", "isspace", "isupper", "islower",
          "istitle", "__repr__", "strip", "lstrip", "rstrip"]
STR0 = ["casefold", "isdecimal", "isnumeric", "isprintable", "isidentifier", "ascii"]
def cut(xs):
    return f"{len(xs)}:" + ("|" if isinstance(xs[0] if xs else "", str) else b"|").join(xs) if not xs or isinstance(xs[0], str) \
        else f"{len(xs)}:" + b"|".join(xs).decode("latin-1")
def result(v):
    if isinstance(v, (bytes, bytearray)): return v.decode("latin-1")
    if isinstance(v, bool): return str(v).lower()
    if isinstance(v, list): return cut(v)
    return str(v)
def sample(alphabet, n):
    return "".join(random.choice(alphabet) for _ in range(random.randrange(0, n)))
A1 = "aabbAB \t\n\r'\"\\1_,\x1c"
A2 = A1 + "\xe9\xdf\xb2\xbd\x85\xa0\xad\xb5"
A3 = A2 + "\u03a3\u03c3\u0149\u01c5\u01c4\u2003\u20ac\u0345\u0130\ufb01\u2028\u0661\u02b0\u13a0\uab70\u1f80\u0378"
A4 = A3 + "\U0001f600\U00010400\U000e0001\U00010d50"
rows = []
def row(kind, m, s, *args):
    def call():
        if m == "ascii": return ascii(s)
        enc = (lambda x: x.encode("latin-1") if kind == "bytes" and isinstance(x, str) else x)
        if m == "fromhex": return result(bytes.fromhex(s))
        if m == "hex": return result(enc(s).hex(*args))
        return result(getattr(enc(s), m)(*map(enc, args)))
    arg = [str(a) for a in args if a is not None]
    rows.append((kind, m, s, *arg, attempt(call)))
for kind in ("str", "bytes"):
    for _ in range(1300):
        alpha = random.choice([A1, A2, A3, A4] if kind == "str" else [A1, A2]); s = sample(alpha, random.choice([3, 10, 16]))
        few = random.choice(["ab", "aab,", alpha]); needle = sample(few, 3); k = random.choice([-1, 0, 1, 2, 3]); c = random.choice(alpha)
        r = random.randrange(10)
        if r < 4: row(kind, random.choice(NAMES0 + (STR0 if kind == "str" else [])), s)
        elif r == 4: row(kind, random.choice(["find", "rfind", "count"]), s, needle,
                         *([] if kind == "bytes" or random.random() < .5 else [random.randrange(-5, 9), random.randrange(-5, 12)]))
        elif r == 5: row(kind, "replace", s, needle, sample(random.choice([alpha, "x"]), 3), k)
        elif r == 6: row(kind, random.choice(["split", "rsplit"]), s, *([needle] if needle else [None]), k)
        elif r == 7: row(kind, random.choice(["strip", "lstrip", "rstrip"]), s, needle)
        elif r == 8:
            m = random.choice(["center", "zfill", "expandtabs", "splitlines"])
            if m == "center": row(kind, m, s, random.randrange(0, 20), c)
            elif m == "splitlines": row(kind, m, s, random.randrange(2))
            else: row(kind, m, s, random.randrange(0, 20))
        elif kind == "bytes":
            if random.random() < .5: row(kind, "hex", s, random.choice(["-", ":", "", "xx", "\xe9"]), random.randrange(-4, 5))
            else: row(kind, "fromhex", sample("0aF9 \ng", 8))
        else: row(kind, random.choice(["ljust", "rjust"]), s, random.randrange(0, 20), c)
write("methods", rows)

# --- numbers: operation, operands..., result
import struct
def rfloat():
    k = random.randrange(5)
    if k == 0: return struct.unpack("<d", random.randbytes(8))[0]
    if k == 1: return random.choice([1, -1]) * random.randrange(10**random.randrange(1, 20)) / 10**random.randrange(0, 12)
    if k == 2: return float(random.randrange(10**random.randrange(1, 24)))
    if k == 3: return random.random() * 10.0**random.randrange(-320, 308)
    return random.choice(floats)
def rint():
    n = random.getrandbits(random.choice([3, 20, 53, 54, 55, 63, 64, 65, 120, 1030]))
    return random.choice([n, -n, n << random.randrange(60), (1 << 53) + random.randrange(-3, 4), ((1 << 53) + 1 << 30) + random.randrange(-1, 2)])
rows = []
def op(name, f, *args):
    rows.append((name, *map(str, args), attempt(lambda: str(f()))))
for _ in range(300):
    x = rfloat(); op("repr", lambda: repr(x), x.hex())
for _ in range(150):
    x = rfloat(); op("hex", lambda: x.hex(), repr(x))
for _ in range(300):
    x = rfloat(); n = random.choice([0, 1, 2, 5, 15, -1, -2, -5, 22, -18, 300, -308, 323]); op("round", lambda: repr(round(x, n)), repr(x), n)
for _ in range(250):
    s = "".join(random.choice(["1", "0", "25", "_", ".", "e", "-", "+", " ", "inf", "nan", "9" * 20, "e5", "\u0661", "x"]) for _ in range(random.randrange(1, 6)))
    op("float", lambda: repr(float(s)), s)
for _ in range(200):
    s = "".join(random.choice(["0x", "1", "f", ".", "p", "-", "p1", "p-1074", "p1000", "8" * 14, "0" * 20, " ", "_"]) for _ in range(random.randrange(1, 6)))
    op("fromhex", lambda: repr(float.fromhex(s)), s)
for _ in range(350):
    s = "".join(random.choice(["0", "1", "7", "z", "f", "_", "0x", "0b", "0o", "-", "+", " ", "9" * 25, "\u0663", "\u20ac"]) for _ in range(random.randrange(1, 6)))
    b = random.choice([0, 0, 10, 10, 2, 8, 16, 36, 7]); op("int", lambda: int(s, b), s, b)
for _ in range(200):
    n = rint(); op("tofloat", lambda: repr(float(n)), n)
for _ in range(250):
    a, b = rint(), rint(); op("div", lambda: repr(a / b), a, b)
for _ in range(100):
    x = rfloat(); op("toint", lambda: int(x), repr(x))
for _ in range(100):
    n = rint(); d = random.choice([1, 2, 5, 18, 30, 400]); op("roundint", lambda: round(n, -d), n, d)
for _ in range(60):
    x = rfloat(); op("ratio", lambda: "%d/%d" % x.as_integer_ratio(), repr(x))
for _ in range(300):
    s = "".join(random.choice(["1", "2.5", "_", ".", "e", "-", "+", " ", "inf", "nan", "j", "J", "(", ")", "e5", "\u0661", "x"]) for _ in range(random.randrange(1, 7)))
    if random.random() < .3: s = "(" + s + ")"
    op("complex", lambda: (lambda z: f"{z.real!r} {z.imag!r}")(complex(s)), s)
for z in ("1+2j", " ( -1.5e3-infj ) ", "j", "-j", "1-j", "1_0.0+2_0j", "nan", "1e5j", "-nanj", "+1.+.5J"):
    op("complex", lambda: (lambda z: f"{z.real!r} {z.imag!r}")(complex(z)), z)
write("number", rows)

# --- unicode: block of 4096 code points, FNV-1a hash of everything known of them (see unicode/tests.rs)
import unicodedata as ud
def fnv(text, h=0xcbf29ce484222325):
    for b in text.encode():
        h = ((h ^ b) * 0x100000001b3) & (2**64 - 1)
    return h
def facts(i):
    c = chr(i)
    line = f"{ud.category(c)} {ud.bidirectional(c)} {ud.combining(c)} {ud.mirrored(c)} {ud.east_asian_width(c)} "
    num = ud.numeric(c, None)
    line += f"{ud.decimal(c, '-')} {ud.digit(c, '-')} {'-' if num is None else int(min(num, 1e9) * 1e6 + .5)} {ud.decomposition(c)} {ud.name(c, '-')}"
    for m in (c.lower(), c.upper(), c.title(), c.casefold()):
        line += "/" + ",".join("%x" % ord(x) for x in m)
    for m in (c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isspace(), c.isprintable(), c.isidentifier(),
              ("a" + c).isidentifier(), c.isupper(), c.islower(), c.istitle(), len(("a" + c).splitlines()) + len((c + "a").splitlines()) > 2):
        line += str(int(m))
    return line
rows = []
for block in [*range(0, 0x20000, 4096), 0x2F000, 0xE0000]:
    h = 0xcbf29ce484222325
    for i in range(block, block + 4096):
        h = fnv(facts(i), h)
    rows.append(("%x" % block, "%x" % h))
write("unicode", rows)
