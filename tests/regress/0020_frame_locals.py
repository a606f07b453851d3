"""f_locals of a function writes through; super() alone finds its arguments; incomplete input is told for trees, too."""
import ast
import codeop
import sys


def swap():
    x = [1]
    sys._getframe().f_locals["x"] = [2]
    sys._getframe().f_locals["extra"] = 3
    return x, locals()["extra"], sorted(sys._getframe().f_locals)


assert swap() == ([2], 3, ["extra", "x"])


def replaced_while_borrowed(xs):
    sys._getframe(1).f_locals["xs"] = None
    return xs


def caller():
    xs = [7]
    return replaced_while_borrowed(xs), xs


assert caller() == ([7], None)


class Base:
    def name(self):
        return "base"


class Child(Base):
    def name(self):
        parent = super()
        return [parent.name() for _ in range(2)]

    def nested(self):
        def inner():
            return self
        return super().name(), inner() is self


assert Child().name() == ["base", "base"]
assert Child().nested() == ("base", True)

assert codeop.compile_command("for x in y:", flags=ast.PyCF_ONLY_AST) is None
assert codeop.compile_command("x = 1\n", flags=ast.PyCF_ONLY_AST) is not None
try:
    compile("for x in y:", "x", "exec")
except IndentationError:
    pass
else:
    raise AssertionError("no error")
