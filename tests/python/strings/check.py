"""Expressions and their results as CPython 3.14 gives them.

The tables are text: an expression on a line, its repr or its exception on the next, indented. `check.py [FILE...]` compares;
`check.py --write` replaces the results by those of the interpreter that runs it.
"""

import os
import sys


def answer(expression):
    try:
        text = repr(eval(expression, {"sys": sys}))
    except BaseException as e:
        text = f"{type(e).__name__}: {e}".rstrip()
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\n", "\\n")


def check(path, write):
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    expressions = [line for line in lines if line and not line.startswith("    ")]
    if write:
        with open(path, "w", encoding="utf-8") as f:
            for e in expressions:
                f.write(e + "\n    " + answer(e) + "\n")
        return 0
    failures = 0
    for i, e in enumerate(lines):
        if e and not e.startswith("    "):
            got = answer(e)
            if got != lines[i + 1][4:]:
                failures += 1
                print(f"{path}:{i + 1}: {e}\n  expected {lines[i + 1][4:]}\n  got      {got}")
    return failures


def main():
    write = "--write" in sys.argv
    here = os.path.dirname(os.path.abspath(__file__))
    paths = [a for a in sys.argv[1:] if a != "--write"]
    paths = paths or [os.path.join(here, n) for n in sorted(os.listdir(here)) if n.endswith(".txt")]
    failures = sum(check(p, write) for p in paths)
    if failures:
        sys.exit(f"{failures} differ")


main()
