"""Searching a deque that other threads change: a result, of one moment, and no error that it was changed."""
import threading
from collections import deque

d = deque(range(100))
stop = False
failures = []


def change():
    while not stop:
        d.append(7)
        d.popleft()
        d.rotate(3)


def search():
    try:
        for i in range(1500):
            try:
                d.index(50)
                d.remove(50)
                d.append(50)
            except ValueError:
                pass
            assert d.count(7) <= 110
            50 in d
    except BaseException as e:
        failures.append(e)


changers = [threading.Thread(target=change) for _ in range(2)]
searchers = [threading.Thread(target=search) for _ in range(2)]
for t in changers + searchers:
    t.start()
for t in searchers:
    t.join()
stop = True
for t in changers:
    t.join()
if failures:
    raise failures[0]
assert len(d) == 100, len(d)

# A comparison that changes the deque of one thread is still an error.
class Changer:
    def __eq__(self, other):
        mine.append(1)
        return False


mine = deque([Changer(), Changer()])
for search in mine.index, mine.count, mine.remove:
    try:
        search(0)
    except (RuntimeError, IndexError):
        pass
    else:
        raise AssertionError(search)
