"""What happens to threads at exit: others are waited for, daemons are not."""
import subprocess
import sys


def run(text):
    p = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=50)
    return p.returncode, p.stdout, p.stderr


late = "import threading, time\ndef f(): time.sleep(0.2); print('late')\n"
assert run(late + "threading.Thread(target=f).start(); print('main')") == (0, "main\nlate\n", "")
assert run(late + "threading.Thread(target=f, daemon=True).start(); print('main')") == (0, "main\n", "")
code, out, err = run("import threading\ndef f(): 1 / 0\nt = threading.Thread(target=f)\nt.start(); t.join(); print('on')")
assert code == 0 and out == "on\n" and err.startswith("Exception in thread Thread-1 (f):\nTraceback (most recent call last):\n"), err
assert err.endswith("ZeroDivisionError: division by zero\n")
assert run("import atexit\natexit.register(print, 'bye')\nraise SystemExit(4)") == (4, "bye\n", "")
loop = "import threading\ndef f():\n    while True: sum(range(50))\nfor _ in range(3): threading.Thread(target=f, daemon=True).start()\n"
assert run(loop + "print('out')")[:2] == (0, "out\n")

# A finaliser in a cycle of the program's finds all that it names, as in any collection.
cycle = """
import threading
main_thread, names = threading.current_thread(), ["main"]
class Cycle:
    def __init__(self): self.cycle = self
    def __del__(self): print(threading.current_thread() is main_thread, names, helper())
def helper(): return len(names)
x = Cycle()
"""
assert run(cycle) == (0, "True ['main'] 1\n", ""), run(cycle)
assert run(cycle + "t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()") == (0, "thread\nTrue ['main'] 1\n", "")
kept = cycle + "import sys\nsys.excepthook = lambda *a: x\n"
assert run(kept)[0] == 0

# A thread that fails says so where standard error was when it was made.
silent = """
import sys, threading
go = threading.Event()
def f():
    go.wait()
    1 / 0
t = threading.Thread(target=f)
t.start()
sys.stderr = None
go.set(); t.join()
"""
code, out, err = run(silent)
assert code == 0 and not out and err.startswith("Exception in thread Thread-1 (f):\nTraceback") and err.endswith("ZeroDivisionError: division by zero\n"), err
