# What an operation does is decided by the class, whoever changed it last: slots follow attributes.
import threading


class Base:
    pass


heirs = [type(f"Heir{i}", (Base,), {}) for i in range(30)]


def add(barrier):
    barrier.wait()
    for _ in range(5):
        Base.__len__ = lambda self: 3


def remove(barrier):
    barrier.wait()
    for _ in range(5):
        try:
            del Base.__len__
        except AttributeError:
            pass


for _ in range(200):
    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=f, args=(barrier,)) for f in (add, remove)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for c in heirs:
        try:
            sized = len(c()) == 3
        except TypeError:
            sized = False
        assert sized == hasattr(c, "__len__")
