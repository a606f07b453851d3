# What is dropped before all threads wait is seen to first: callbacks and finalisers do not come only when the wait is over. They did where
# other threads had run, so that objects were shared, and nobody was left to run Python code.
import os, select, socket, threading, time, weakref

WAIT = 0.5

class Thing:
    def __init__(self, n=0):
        self.parts = [[] for _ in range(n)]

def seen_to(wait, count, parts):
    "Drops so many things at once, and waits; whether that was seen to long before the end."
    when = []
    def died(ref):
        when.append(time.monotonic())
    box, refs = [], []
    def make():
        box.append([Thing(parts) for _ in range(count)])
        refs.extend(weakref.ref(x, died) for x in box[0])
    # What a thread has left is shared.
    t = threading.Thread(target=make)
    t.start()
    t.join()
    begin = time.monotonic()
    box.clear()
    wait()
    end = time.monotonic()
    assert end - begin >= WAIT * 0.9, end - begin
    return len(when) == count and when[-1] - begin < (end - begin) * 0.8

def check(name, wait, count, parts=0):
    # Where others keep the reaper from running, a call of the system may begin before it has done its part.
    assert any(seen_to(wait, count, parts) for _ in range(5)), (name, count)

r, w = os.pipe()
a, b = socket.socketpair()
lock = threading.Lock()
lock.acquire()

def later(f):
    "Calls something, when its time has come, in a thread that waits until then."
    def run():
        time.sleep(WAIT)
        f()
    t = threading.Thread(target=run)
    t.start()
    return t

def blocks(wait, free):
    def both():
        t = later(free)
        wait()
        t.join()
    return both

for count in 3, 100:
    check("sleep", lambda: time.sleep(WAIT), count)
    check("read", blocks(lambda: os.read(r, 1), lambda: os.write(w, b"x")), count)
    check("recv", blocks(lambda: a.recv(1), lambda: b.send(b"x")), count)
    check("select", lambda: select.select([r], [], [], WAIT), count)
    check("lock", blocks(lock.acquire, lock.release), count)
    check("join", lambda: later(lambda: None).join(), count)
# More than a thread takes care of itself: the reaper does, and leaves the callbacks.
check("sleep", lambda: time.sleep(WAIT), 2000, 5)
check("join", lambda: later(lambda: None).join(), 2000, 5)

# In a thread that waits while the main thread does.
def other():
    check("other", lambda: time.sleep(WAIT), 100)
    passed.append(True)
passed = []
t = threading.Thread(target=other)
t.start()
t.join()
assert passed
