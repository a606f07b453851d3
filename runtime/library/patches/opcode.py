"""The instructions of Skein's register machine, under the names that CPython's opcode module has."""

import _opcode
from _opcode import opmap, stack_effect

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap",
           "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg", "hasconst", "hasname",
           "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

cmp_op = ('<', '<=', '==', '!=', '>', '>=')

opname = sorted(opmap, key=opmap.get)


def _all(test):
    return [number for number in opmap.values() if test(number)]


hasarg = _all(_opcode.has_arg)
hasconst = _all(_opcode.has_const)
hasname = _all(_opcode.has_name)
hasjump = _all(_opcode.has_jump)
# Targets are places in the code, not distances.
hasjabs = hasjump
hasjrel = []
hasfree = _all(_opcode.has_free)
haslocal = _all(_opcode.has_local)
hasexc = _all(_opcode.has_exc)
hascompare = [opmap[name] for name in ("Lt", "Le", "Eq", "Ne", "Gt", "Ge")]

# Every instruction has room for its operands, so there is no prefix that extends them.
HAVE_ARGUMENT = 0
EXTENDED_ARG = -1

_inline_cache_entries = {}
_specializations = {}
_specialized_opmap = {}
