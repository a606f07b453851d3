# Garbage cycles that own large buffers do not pile up: the buffers count for the collector.
import gc, threading, time

def resident():
    "MiB"
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4 / 1024

def private(n):
    most = 0
    for i in range(n):
        x = [None] * 50_000
        x[0] = x
        if i % 50 == 0:
            most = max(most, resident())
    return most

def shared(n):
    global last
    most = 0
    for i in range(n):
        x = [None] * 50_000
        x[0] = x
        last = x
        if i % 50 == 0:
            most = max(most, resident())
    last = None
    return most

before = resident()
most = private(1000)  # 390 MiB in all
assert most < before + 150, (before, most)

done = False
def spin():
    while not done:
        pass

for threads in (0, 1):
    t = threading.Thread(target=spin)
    t.start()
    if not threads:
        done = True
        t.join()
        done = False
    before = resident()
    most = shared(2000)
    assert most < before + 500, (threads, before, most)
    if threads:
        done = True
        t.join()

last = None
gc.collect()
end = time.monotonic() + 20
while resident() > before * 1.3 + 10 and time.monotonic() < end:
    time.sleep(0.05)
assert resident() <= before * 1.3 + 10, (before, resident())

# Strings count as well, and dicts.
def strings(n):
    most = 0
    for i in range(n):
        x = {"text": "x" * 400_000}
        x["self"] = x
        if i % 50 == 0:
            most = max(most, resident())
    return most
before = resident()
most = strings(1000)
assert most < before + 150, (before, most)
