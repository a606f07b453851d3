"""The engine of regular expressions runs no list of codes whose jumps, counts or groups lead astray."""
import _sre
import re
from re import _compiler, _parser


def compile_codes(codes, groups=0):
    return _sre.compile("p", 32, codes, groups, {}, (None,) * (groups + 1))


def refused(codes, groups=0):
    try:
        compile_codes(codes, groups)
    except RuntimeError as e:
        return str(e) == "invalid SRE code"
    return False


SUCCESS, AT, BRANCH, IN, JUMP, LITERAL, MARK, MAX_UNTIL, REPEAT, REPEAT_ONE, GROUPREF = 1, 6, 7, 13, 15, 16, 17, 18, 23, 24, 11
assert compile_codes([LITERAL, 97, SUCCESS]).match("a")
assert refused([])
assert refused([LITERAL, 97])
assert refused([1000, SUCCESS])
assert refused([LITERAL, SUCCESS])
assert refused([AT, 99, SUCCESS])
assert refused([IN, 50, LITERAL, 97, 0, SUCCESS])
assert refused([IN, 4, LITERAL, 97, 7, SUCCESS])
assert refused([MARK, 0, MARK, 1, SUCCESS])
assert refused([GROUPREF, 3, SUCCESS], 1)
assert refused([MAX_UNTIL, SUCCESS])
assert refused([JUMP, 1, SUCCESS])
assert refused([REPEAT_ONE, 6, 3, 1, LITERAL, 97, SUCCESS, SUCCESS])
assert refused([REPEAT, 4, 0, 1, LITERAL, SUCCESS, SUCCESS])
assert refused([BRANCH, 5, LITERAL, 97, JUMP, 40, 0, SUCCESS])

# Each pattern with its end cut off.
for pattern in (r"(a|b)+?c(?=d)(?!e)", r"[a-z]*x{2,5}(?>ab)", r"(x)?(?(1)a|b)", r"[\u0400-\u04ff\u4e00]+(q)\1", r"abc.*?d", r"a++b{3,}"):
    parsed = _parser.parse(pattern)
    codes = list(map(int, _compiler._code(parsed, parsed.state.flags)))
    groups = re.compile(pattern).groups
    compile_codes(codes, groups)
    for end in range(len(codes)):
        try:
            compile_codes(codes[:end], groups)
        except RuntimeError:
            pass
