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
