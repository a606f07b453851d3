# Whatever a program does when there is no memory left: it gets a MemoryError, or goes on. It is never ended by a signal, nor by a panic.
import subprocess
import sys
import time

try:
    import resource
except ImportError:
    sys.exit(0)

# Each is started with a limit on its address space, and fills most of that at once, so that it does not take long.
START = """
import os, resource, sys
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
os.execv(sys.executable, [sys.executable, '-c', sys.argv[2]])
"""

FILL = """
filled = []
def fill():
    n = 64 << 20
    while n >= 1 << 18:
        try:
            filled.append(bytearray(n))
        except MemoryError:
            n //= 2
"""

PROGRAMS = {
    "cycles": """
fill()
keep = []
while True:
    a = []
    a.append([a])
    keep.append(a)
""",
    "collections": """
import gc
keep = []
fill()
try:
    while True:
        a = []
        a.append([a])
        keep.append(a)
except MemoryError:
    pass
for i in range(20):
    try:
        del keep[len(keep) // 2:]
        gc.collect()
    except MemoryError:
        pass
print('went on')
""",
    "source": """
fill()
n = 10
while n < 100_000:
    compile(''.join(f'def f{i}(a, b=[{i}]): return a.x{i} + "{i}"\\n' for i in range(n)), 'source', 'exec')
    n *= 2
""",
    "nested": """
text = '(' * 150 + '1' + ')' * 150
fill()
keep = []
while True:
    keep.append(compile(text, 'nested', 'eval'))
    keep.append([0] * 100)
""",
    "marshal": """
import marshal
data = marshal.dumps([[i, str(i), float(i)] for i in range(1000)])
fill()
keep = []
while True:
    keep.append(marshal.loads(data))
""",
    "format": """
fill()
keep = []
n = 10
while True:
    keep.append('{:>{}} {!r} %s %r'.format(n, n, keep[-1:]) % (n, n))
    keep.append(f'{keep[-1]:>{n}}')
    n += n // 8 + 1
""",
    "classes": """
fill()
keep = []
while True:
    keep.append(type('C', (), {'f': lambda self: 1})())
""",
    "caught": """
fill()
keep = []
caught = 0
while caught < 100:
    try:
        while True:
            keep.append([caught] * 3)
    except MemoryError:
        caught += 1
    try:
        exec(f'def f(a): return [a for b in range({caught})]')
        '%s %d' % (caught, caught)
    except MemoryError:
        pass
print('went on')
""",
    "threads": """
import threading
def run():
    keep = []
    try:
        while True:
            keep.append({len(keep): [len(keep)]})
    except MemoryError:
        pass
threads = []
for i in range(4):
    try:
        t = threading.Thread(target=run)
        t.start()
        threads.append(t)
    except (RuntimeError, MemoryError):
        pass
fill()
for t in threads:
    t.join()
print('went on')
""",
    "starts": """
import threading
gate = threading.Event()
threads = []
try:
    while len(threads) < 1000:
        t = threading.Thread(target=gate.wait)
        t.start()
        threads.append(t)
except (RuntimeError, MemoryError):
    pass
gate.set()
for t in threads:
    t.join()
print('went on')
""",
    "stack": """
class C:
    def __getattr__(self, name):
        return getattr(self, name + 'x')
    def __repr__(self):
        return f'{self!r}'
fill()
for f in (lambda: C().a, lambda: repr(C())):
    try:
        f()
    except (RecursionError, MemoryError):
        pass
print('went on')
""",
}

# In megabytes.
LIMITS = (440, 600)

# Seconds after which no more are started: a slow machine does fewer of them.
ENOUGH = 50

running = []
wrong = []
began = time.monotonic()


def finish():
    name, limit, process = running.pop(0)
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        # A slow machine. Nothing is wrong so far.
        process.kill()
        process.communicate()
        return
    ends_well = process.returncode == 0 and b"went on" in out
    raises = process.returncode == 1 and b"MemoryError" in err
    if not (ends_well or raises) or b"panicked" in err:
        wrong.append((name, limit, process.returncode, out[-200:], err[-400:]))


for name, text in PROGRAMS.items():
    for limit in LIMITS:
        if len(running) >= 2:
            finish()
        if time.monotonic() - began > ENOUGH:
            continue
        command = [sys.executable, "-c", START, str(limit), FILL + text]
        pipe = subprocess.PIPE
        running.append((name, limit, subprocess.Popen(command, stdout=pipe, stderr=pipe)))
while running:
    finish()
assert not wrong, "\n".join(map(str, wrong))
