"""Who waits for the import lock does not hold up a collection by who has it."""
import _imp
import gc
import threading
import time

_imp.acquire_lock()
waits = threading.Event()


def other():
    waits.set()
    _imp.acquire_lock()
    _imp.release_lock()


t = threading.Thread(target=other)
t.start()
waits.wait()
time.sleep(0.05)
gc.collect()
_imp.release_lock()
t.join()
