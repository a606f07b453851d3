"""The end of the process: threads are joined by `threading`, daemons stand still, finalisers see the names of their module."""
import signal
import subprocess
import sys

# A parent that runs in the background may have left it ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(code, status=0):
    p = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60)
    assert p.returncode == status, (code, p)
    return p.stdout, p.stderr


# A thread that waits for the main thread.
assert run("""
import threading, time
def wait(main):
    main.join()
    print("thread")
threading.Thread(target=wait, args=(threading.current_thread(),)).start()
print("main", flush=True)
""") == ("main\nthread\n", "")

# Daemons that never end, some of them in the collector.
assert run("""
import gc, threading
barrier = threading.Barrier(5)
def forever():
    barrier.wait()
    while True:
        gc.collect()
        str(gc)
for _ in range(4):
    threading.Thread(target=forever, daemon=True).start()
barrier.wait()
print("end")
""") == ("end\n", "")

# A finaliser at the end; it can start no thread.
out, err = run("""
import _thread
def f(): print("never")
class C:
    def __del__(self):
        print(name)
        _thread.start_new_thread(f, ())
name = "finaliser"
c = C()
""")
assert out == "finaliser\n" and "can't create new thread at interpreter shutdown" in err, (out, err)

# A fork in a thread: the child's main thread is that one, and it ends with the child's threads.
out, err = run("""
import os, sys, threading
main = threading.current_thread()
def wait():
    main.join()
    print("thread", threading.main_thread() is worker)
    sys.stdout.flush()
def work():
    pid = os.fork()
    if pid:
        assert os.waitpid(pid, 0)[1] == 0
        return
    t = threading.Thread(target=wait)
    t.start()
    t.join()
worker = threading.Thread(target=work)
worker.start()
""")
assert (out, err) == ("thread True\n", ""), (out, err)

# The signal of the keyboard from another thread.
assert run("""
import _thread, threading, time
threading.Timer(0.1, _thread.interrupt_main).start()
try:
    while True:
        time.sleep(0.01)
except KeyboardInterrupt:
    print("interrupted")
""") == ("interrupted\n", "")

# A closed stdout is no error.
assert run("import sys; print(1); sys.stdout.close()") == ("1\n", "")
