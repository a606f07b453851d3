"""Lists the instructions of Skein's register machine, with the interface of CPython's dis module.

Offsets count two for each instruction word, as in co_lines() and tb_lasti; 0 is the beginning of the call. Operands are shown by their role: a local
variable by its name, a temporary as rN ('!' marks one that is consumed), constants by their repr.
"""

import collections
import io
import sys
import types

import _opcode
from opcode import *
from opcode import __all__ as _opcode_names

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _opcode_names

_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
    0x4000000: "HAS_DOCSTRING",
    0x8000000: "METHOD",
}

Positions = collections.namedtuple("Positions", "lineno end_lineno col_offset end_col_offset",
                                   defaults=(None, None, None, None))

_Fields = collections.namedtuple(
    "_Instruction",
    "opname opcode arg argval argrepr offset start_offset starts_line line_number label positions cache_info",
    defaults=(None, None, None))

_ExceptionTableEntry = collections.namedtuple("_ExceptionTableEntry", "start end target depth lasti")


class Instruction(_Fields):
    """One instruction.

    argrepr shows all operands; arg and argval are those of the most telling one: the constant, the name, the jump
    target, or the first operand.
    """

    __slots__ = ()

    oparg = property(lambda self: self.arg)
    baseopcode = property(lambda self: self.opcode)
    baseopname = property(lambda self: self.opname)

    @property
    def end_offset(self):
        return self.offset + 2 * self._words()

    @property
    def cache_offset(self):
        return self.offset + 2

    @property
    def jump_target(self):
        return self.argval if self.opcode in hasjump else None

    @property
    def is_jump_target(self):
        return self.label is not None

    def _words(self):
        return len(self.cache_info) + 1 if self.cache_info else 1

    def __str__(self):
        return _line(self, label_width=0, line_width=0).strip()


def pretty_flags(flags):
    """Return pretty representation of code flags."""
    names = []
    for bit, name in COMPILER_FLAG_NAMES.items():
        if flags & bit:
            names.append(name)
            flags &= ~bit
    if flags or not names:
        names.append(hex(flags))
    return ", ".join(names)


def _get_code_object(x):
    for attribute in ("__func__",):
        x = getattr(x, attribute, x)
    for attribute in ("__code__", "gi_code", "ag_code", "cr_code"):
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if isinstance(x, str):
        x = _compile_text(x, "<disassembly>")
    if hasattr(x, "co_code"):
        return x
    raise TypeError("don't know how to disassemble %s objects" % type(x).__name__)


def _compile_text(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


def findlinestarts(code):
    """Yield (offset, line) where a line begins; line is None for instructions that belong to none."""
    previous = False
    for start, _, line in code.co_lines():
        if line is not previous:
            previous = line
            yield start, line


def _targets(code):
    found = {row[4] for row in _opcode.instructions(code) if row[4] is not None}
    found.update(target for _, _, target, _ in _opcode.handlers(code))
    return sorted(found)


def findlabels(code):
    """Return the offsets of a code object that are jump targets."""
    return [2 * target + 2 for target in _targets(_get_code_object(code))]


def _main_operand(operands):
    for wanted in ("label", "const", "name"):
        for kind, value, text in operands:
            if kind == wanted:
                return value
    return operands[0][1] if operands else None


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Iterator over the instructions of a function, generator, method, source text or code object."""
    code = _get_code_object(x)
    labels = {target: i for i, target in enumerate(_targets(code), 1)}
    starts = dict(findlinestarts(code))
    shift = first_line - code.co_firstlineno if first_line is not None else 0
    positions = [Positions(*p) for p in code.co_positions()]
    line = None
    for at, words, opcode, operands, target in _opcode.instructions(code):
        offset = 2 * at + 2
        starts_line = offset in starts
        if starts_line:
            line = starts[offset]
        position = positions[at + 1] if at + 1 < len(positions) else Positions()
        shown = ", ".join(f"L{labels[value]}" if kind == "label" else text for kind, value, text in operands)
        argval = 2 * target + 2 if target is not None else _main_operand(operands)
        arg = target if target is not None else next((v for k, v, _ in operands if k in ("reg", "int")), None)
        yield Instruction(opname[opcode], opcode, arg, argval, shown, offset, offset, starts_line,
                          line + shift if line is not None else None, labels.get(at), position,
                          [("word", 1, b"")] * (words - 1) or None)


def _line(instruction, line_width=3, label_width=4, offset_width=0, mark=False, positions=False):
    fields = []
    if line_width:
        if positions:
            p = instruction.positions
            if p.lineno is None:
                text = "--"
            else:
                text = f"{p.lineno}:{p.col_offset}-{p.end_lineno}:{p.end_col_offset}"
        elif instruction.starts_line:
            text = "--" if instruction.line_number is None else str(instruction.line_number)
        else:
            text = ""
        fields.append(text.rjust(line_width))
    if label_width:
        label = f"L{instruction.label}:" if instruction.label is not None else ""
        fields.append(label.rjust(label_width))
    fields.append("-->" if mark else "   ")
    if offset_width:
        fields.append(str(instruction.offset).rjust(offset_width))
    fields.append(instruction.opname.ljust(20))
    if instruction.argrepr:
        fields.append(instruction.argrepr)
    return " ".join(fields).rstrip()


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False,
                show_positions=False, _first_line=None):
    """Disassemble a code object."""
    instructions = list(get_instructions(co, first_line=_first_line))
    lines = [i.line_number for i in instructions if i.line_number is not None]
    line_width = max(3, len(str(max(lines, default=0))))
    if show_positions:
        line_width = 14
    labels = [i.label for i in instructions if i.label is not None]
    label_width = 2 + len(str(max(labels, default=0))) if labels else 2
    offset_width = max(4, len(str(2 * len(co.co_code) // 8))) if show_offsets else 0
    first = True
    for i in instructions:
        if i.starts_line and not first and i.line_number is not None:
            print(file=file)
        first = False
        print(_line(i, line_width, label_width, offset_width, i.offset == lasti, show_positions), file=file)
    entries = _opcode.handlers(co)
    if entries:
        names = {i.offset: f"L{i.label}" for i in instructions if i.label is not None}
        print("ExceptionTable:", file=file)
        for start, end, target, register in entries:
            where = names.get(2 * target, 2 * target)
            print(f"  {2 * start} to {2 * end} -> {where} [r{register}]", file=file)


disco = disassemble


def _recursive(co, *, depth=None, **kwargs):
    disassemble(co, **kwargs)
    if depth is None or depth > 0:
        if depth is not None:
            depth -= 1
        for constant in co.co_consts:
            if hasattr(constant, "co_code"):
                print(file=kwargs.get("file"))
                print("Disassembly of %r:" % (constant,), file=kwargs.get("file"))
                _recursive(constant, depth=depth, **kwargs)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False,
        show_positions=False):
    """Disassemble classes, methods, functions, and other compiled objects.

    With no argument, disassemble the last traceback.
    """
    kwargs = dict(file=file, show_caches=show_caches, adaptive=adaptive, show_offsets=show_offsets,
                  show_positions=show_positions)
    if x is None:
        distb(**kwargs)
        return
    try:
        code = _get_code_object(x)
    except TypeError:
        if isinstance(x, (bytes, bytearray)) or not hasattr(x, "__dict__"):
            raise
    else:
        _recursive(code, depth=depth, **kwargs)
        return
    for name, value in sorted(x.__dict__.items()):
        if isinstance(value, _have_code):
            print("Disassembly of %s:" % name, file=file)
            try:
                dis(value, depth=depth, **kwargs)
            except TypeError as error:
                print("Sorry:", error, file=file)
            print(file=file)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassemble a traceback (default: last traceback)."""
    if tb is None:
        try:
            if hasattr(sys, "last_exc"):
                tb = sys.last_exc.__traceback__
            else:
                tb = sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
        while tb.tb_next:
            tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


def code_info(x):
    """Formatted details of methods, functions, or code."""
    co = _get_code_object(x)
    lines = [
        "Name:              %s" % co.co_name,
        "Filename:          %s" % co.co_filename,
        "Argument count:    %s" % co.co_argcount,
        "Positional-only arguments: %s" % co.co_posonlyargcount,
        "Kw-only arguments: %s" % co.co_kwonlyargcount,
        "Number of locals:  %s" % co.co_nlocals,
        "Stack size:        %s" % co.co_stacksize,
        "Flags:             %s" % pretty_flags(co.co_flags),
    ]
    for title, values, show in (("Constants", co.co_consts, repr), ("Names", co.co_names, str),
                                ("Variable names", co.co_varnames, str), ("Free variables", co.co_freevars, str),
                                ("Cell variables", co.co_cellvars, str)):
        if values:
            lines.append(f"{title}:")
            lines.extend("%4d: %s" % (i, show(value)) for i, value in enumerate(values))
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Print details of methods, functions, or code to *file*, or to sys.stdout."""
    print(code_info(co), file=file)


def _find_imports(co):
    """Yield (name, level, fromlist) of the import statements of a code object."""
    rows = list(get_instructions(co))
    for i, instruction in enumerate(rows):
        if instruction.opname == "ImportName":
            before = [r.argval for r in rows[max(0, i - 2):i] if r.opname.startswith("Load")]
            if len(before) == 2:
                level, names = before
                yield instruction.argval, level, names


def _find_store_names(co):
    """Yield the names that the code of a module or class body binds."""
    names = set()
    for instruction in get_instructions(co):
        if instruction.opname in ("StoreName", "StoreGlobal") and instruction.argval not in names:
            names.add(instruction.argval)
            yield instruction.argval


class Bytecode:
    """The instructions of a function, generator, method, source text or code object."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False,
                 show_offsets=False, show_positions=False):
        self.codeobj = _get_code_object(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self.exception_entries = [_ExceptionTableEntry(2 * start, 2 * end, 2 * target, register, False)
                                  for start, end, target, register in _opcode.handlers(self.codeobj)]
        self.show_caches = show_caches
        self.adaptive = adaptive
        self.show_offsets = show_offsets
        self.show_positions = show_positions
        self._original_object = x

    def __iter__(self):
        return get_instructions(self.codeobj, first_line=self.first_line)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, show_caches=show_caches, adaptive=adaptive)

    def info(self):
        """Return formatted information about the code object."""
        return code_info(self.codeobj)

    def dis(self):
        """Return a formatted view of the bytecode operations."""
        with io.StringIO() as out:
            disassemble(self.codeobj, -1 if self.current_offset is None else self.current_offset, file=out,
                        show_offsets=self.show_offsets, show_positions=self.show_positions,
                        _first_line=self.first_line)
            return out.getvalue()


def main(args=None):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("-C", "--show-caches", action="store_true", help="accepted; caches are not shown")
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("-P", "--show-positions", action="store_true", help="show instruction positions")
    parser.add_argument("-S", "--specialized", action="store_true", help="accepted; no effect")
    parser.add_argument("infile", nargs="?", default="-")
    args = parser.parse_args(args)
    if args.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = args.infile
        with open(name, "rb") as infile:
            source = infile.read()
    dis(compile(source, name, "exec"), show_offsets=args.show_offsets, show_positions=args.show_positions)


if __name__ == "__main__":
    main()
