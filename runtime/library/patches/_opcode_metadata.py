"""What CPython generates from its instruction table; see opcode.py."""

from _opcode import opmap

_specializations = {}
_specialized_opmap = {}
HAVE_ARGUMENT = 0
MIN_INSTRUMENTED_OPCODE = 256
