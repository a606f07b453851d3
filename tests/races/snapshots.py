"""What is made of a whole container at once, while another thread adds to it and deletes from it: no errors, and nothing is missed."""
import threading

base = [object() for _ in range(100)]
full = {*base}
shared_set = {*base}
shared_dict = dict.fromkeys(base, 1)


def beside(change, *looks):
    """Looks again and again while another thread changes."""
    stop = threading.Event()
    n = 0

    def background():
        nonlocal n
        while not stop.is_set():
            change(n)
            n += 1

    t = threading.Thread(target=background)
    t.start()
    try:
        for _ in range(30):
            for look in looks: assert look(), look.__code__.co_firstlineno
    finally:
        stop.set()
        t.join()


def change_set(n):
    for k in range(n, n + 20): shared_set.add(k)
    for k in range(n, n + 20): shared_set.discard(k)


def change_dict(n):
    for k in range(n, n + 20): shared_dict[k] = 1
    for k in range(n, n + 20): shared_dict.pop(k, None)


def extended(of):
    l = []
    l.extend(of)
    return l


def updated(x, of):
    x.update(of)
    return x


def without(x, of):
    x.difference_update(of)
    return x


beside(
    change_set,
    lambda: {*list(shared_set)} >= full,
    lambda: {*extended(shared_set)} >= full,
    lambda: {*tuple(shared_set)} >= full,
    lambda: {*[*shared_set]} >= full,
    lambda: {*sorted(shared_set, key=id)} >= full,
    lambda: set(shared_set) >= full and frozenset(shared_set) >= full and shared_set.copy() >= full,
    lambda: shared_set | {1} >= full and {1} | shared_set >= full,
    lambda: shared_set & full == full == full & shared_set,
    lambda: full <= shared_set and shared_set >= full and not full - shared_set,
    lambda: updated(set(), shared_set) >= full and {*shared_set} >= full,
    lambda: not without({*base}, shared_set) and not shared_set.isdisjoint(full),
    lambda: dict.fromkeys(shared_set).keys() >= full,
)
beside(
    change_dict,
    lambda: {*list(shared_dict)} >= full,
    lambda: {k for k, _ in list(shared_dict.items())} >= full,
    lambda: len(list(shared_dict.values())) >= 100,
    lambda: {*list(shared_dict.keys())} >= full,
    lambda: {*tuple(shared_dict)} >= full and {*sorted(shared_dict, key=id)} >= full,
    lambda: dict(shared_dict).keys() >= full and shared_dict.copy().keys() >= full,
    lambda: {**shared_dict}.keys() >= full and updated({}, shared_dict).keys() >= full,
    lambda: updated({1: 1}, shared_dict).keys() >= full,
    lambda: ({1: 1} | shared_dict).keys() >= full,
    lambda: set(shared_dict) >= full and {*shared_dict} >= full,
    lambda: not full - shared_dict.keys() and shared_dict.keys() >= full,
)

# Another one is cleared again and again: it is whole or empty.
cell = [set()]


def cleared(n):
    cell[0] = set(range(8))
    cell[0].clear()


beside(
    cleared,
    lambda: {repr(cell[0]) for _ in range(300)} <= {"set()", "{0, 1, 2, 3, 4, 5, 6, 7}"},
)
