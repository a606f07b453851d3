"""Imports: modules, packages, relative, errors, sys.modules."""
import os
import sys
import tempfile
import importlib

with tempfile.TemporaryDirectory() as folder:
    def write(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    write("single.py", "value = 1\n_hidden = 2\nother = 3\n__all__ = ['value']\n")
    write("pack/__init__.py", "from .child import thing\nfrom . import child as kid\nlevel = 1\n")
    write("pack/child.py", "thing = 'thing'\nfrom . import sub\n")
    write("pack/sub/__init__.py", "from ..child import thing as upper\n")
    write("space/inside.py", "x = 'namespace'\n")
    write("broken.py", "def f(:\n")
    write("raises.py", "1 / 0\n")
    write("cycle_a.py", "import cycle_b\nname = 'a'\n")
    write("cycle_b.py", "import cycle_a\nname = 'b'\nseen = hasattr(cycle_a, 'name')\n")
    sys.path.insert(0, folder)

    import single
    from single import *
    assert single.value == value == 1 and "other" not in globals() and single.__file__.endswith("single.py")
    import pack.sub as sub
    from pack import level as lv, kid
    assert sub.upper == kid.thing == "thing" and lv == 1
    assert sys.modules["pack.child"] is kid and kid.__package__ == "pack" and sub.__spec__.name == "pack.sub"
    from space import inside
    assert inside.x == "namespace" and sys.modules["space"].__file__ is None
    import cycle_a
    assert cycle_a.cycle_b.seen is False
    for name, error in (("broken", SyntaxError), ("raises", ZeroDivisionError), ("absent", ModuleNotFoundError)):
        try:
            importlib.import_module(name)
        except error as e:
            assert name not in sys.modules
            if name == "absent":
                assert str(e) == "No module named 'absent'" and e.name == "absent"
        else:
            raise AssertionError
    try:
        from single import nothing
    except ImportError as e:
        assert str(e).startswith("cannot import name 'nothing' from 'single'")
    else:
        raise AssertionError
    sys.modules["blocked"] = None
    try:
        import blocked
    except ModuleNotFoundError as e:
        assert str(e) == "import of blocked halted; None in sys.modules"
    assert importlib.reload(single) is single
