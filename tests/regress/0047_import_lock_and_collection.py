"""A thread that waits for the import lock does not hold up a collection, which its holder waits for."""
import gc
import _imp
import threading

taken = threading.Event()


def waits():
    taken.wait()
    _imp.acquire_lock()
    _imp.release_lock()


threads = [threading.Thread(target=waits) for _ in range(3)]
for t in threads:
    t.start()
_imp.acquire_lock()
try:
    taken.set()
    for i in range(50):
        gc.collect()
finally:
    _imp.release_lock()
for t in threads:
    t.join(20)
    assert not t.is_alive()
