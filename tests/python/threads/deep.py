# Long chains of shared objects die without native recursion, and without a long stall of any thread.
import gc, threading, time, weakref

class Node:
    __slots__ = ("next", "__weakref__")
    def __init__(self, next=None):
        self.next = next

def chain(n):
    head = None
    for _ in range(n):
        head = Node(head)
    return head

LENGTH = 300_000
stop = False
worst = 0

def bystander():
    # The processor time that this thread spends for others, as far as it is more than a moment at a time.
    global worst
    clock = time.thread_time
    last = clock()
    while not stop:
        now = clock()
        if now - last > worst:
            worst = now - last
        last = now

t = threading.Thread(target=bystander, daemon=True)
t.start()

def far_end(holder):
    "An object that dies after all that the holder leads to."
    if isinstance(holder, list):
        holder.append(Node())
        return holder[-1]
    while holder.next is not None:
        holder = holder.next
    holder.next = Node()
    return holder.next

def dies(make):
    global holder
    holder = make()
    watch = weakref.ref(far_end(holder))
    began = time.monotonic()
    holder = None
    while watch() is not None:
        assert time.monotonic() < began + 20, "it does not die"
        time.sleep(0.001)

# Of a thread that exits.
def leaver():
    global holder
    holder = chain(LENGTH)
    holder = None

def all_die():
    dies(lambda: chain(LENGTH))
    dies(lambda: [Node() for _ in range(LENGTH)])
    dies(lambda: [chain(1000) for _ in range(LENGTH // 1000)])
    w = threading.Thread(target=leaver)
    w.start()
    w.join()
    # In a cycle.
    first = chain(LENGTH)
    far_end(first).next = first
    watch = weakref.ref(first)
    del first
    gc.collect()
    assert watch() is None

# Tens of milliseconds, every time, where one thread frees it all. Where a virtual machine's processor is taken away meanwhile,
# the clock counts that as well: so one time without a stall is enough.
stalls = []
for _ in range(6):
    worst = 0
    all_die()
    stalls.append(worst)
    if worst < 0.02:
        break
else:
    raise AssertionError(stalls)

stop = True
t.join()
