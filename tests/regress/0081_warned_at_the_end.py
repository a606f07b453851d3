# What is finalised when modules have been emptied may still warn, and a program that leaves a socket open says nothing of it without options
# (it said that the import of `warnings` had failed).
import subprocess, sys

def told(program, *options):
    done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done
    return done.stderr

sockets = "import socket; a, b = socket.socketpair()"
file = "f = open('/dev/null')"
other = "import _warnings, sys\nclass A:\n def __del__(self): self.warn('at the end')\nA.warn = staticmethod(_warnings.warn)\na = A()"

assert told(sockets) == "" and told("import warnings; " + sockets) == "", told(sockets)
assert told(file) == ""

for before in "", "import warnings\n":
    lines = told(before + sockets, "-X", "dev").splitlines()
    assert len(lines) == 2 and all(l.startswith("<sys>:0: ResourceWarning: unclosed <socket.socket fd=") for l in lines), lines
    text = told(before + file, "-W", "always")
    assert text == "<sys>:0: ResourceWarning: unclosed file <_io.TextIOWrapper name='/dev/null' mode='r' encoding='UTF-8'>\n", text
    assert told(before + file, "-W", "ignore") == ""
    lines = told(before + file, "-W", "error").splitlines()
    assert lines[0].startswith("Exception ignored while finalizing file <_io.FileIO name='/dev/null' mode='rb'"), lines
    assert lines[1].startswith("ResourceWarning: unclosed file"), lines
    # The last option wins.
    assert told(before + file, "-W", "error", "-W", "ignore::ResourceWarning") == ""
