"""A list that one thread sorts keeps what others append meanwhile."""

import threading


def race(key, make):
    items = [make(i) for i in range(50)]
    stop = threading.Event()
    appended = [0, 0]

    def append(me):
        for i in range(1500):
            items.append(make(1000 + i))
            appended[me] += 1

    def sort():
        while not stop.is_set():
            items.sort(key=key)

    sorter = threading.Thread(target=sort)
    others = [threading.Thread(target=append, args=(me,)) for me in range(2)]
    for t in (sorter, *others):
        t.start()
    for t in others:
        t.join()
    stop.set()
    sorter.join()
    assert len(items) == 50 + sum(appended), (len(items), appended)
    items.sort(key=key)
    assert sorted(items, key=key) == items


race(None, int)
race(None, str)
race(None, lambda i: (i % 7, str(i)))
race(None, lambda i: i * 10**15)
race(lambda x: -x, int)


# A private one that is changed while it is sorted is put back as it was.
def changed():
    items = [3, 2, 1]
    try:
        items.sort(key=lambda x: items.append(x) or x)
    except ValueError as e:
        return str(e), sorted(items)


assert changed() == ("list modified during sort", [1, 2, 3])
