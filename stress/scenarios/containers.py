"""Lists, dicts, sets and deques that hold each other, changed by all threads."""
from _stress import go

things = [[], [], {}, {}, set(), bytearray()]


def value(r):
    return r.choice((1, 2**70, "text", 0.5, None, object(), [1], (1, [2]), {}, things[r.randrange(2)]))


def lists(r):
    l = things[r.randrange(2)]
    n = r.randrange(12)
    if len(l) > 200 or n == 0: l.clear()
    elif n == 1: l.append(value(r))
    elif n == 2: l.pop(r.randrange(-3, 3))
    elif n == 3: l[r.randrange(5)] = value(r)
    elif n == 4: l[r.randrange(5) : r.randrange(10)] = [value(r) for _ in range(r.randrange(5))]
    elif n == 5: l.extend(things[r.randrange(2)][:20])
    elif n == 6: l.sort(key=id)
    elif n == 7: l.reverse()
    elif n == 8: del l[:: r.randrange(1, 4)]
    elif n == 9: [type(x) for x in l]
    elif n == 10: l.insert(r.randrange(5), value(r))
    else: tuple(l), l.copy(), l * 2, len(l)


def dicts(r):
    d = things[2 + r.randrange(2)]
    n, k = r.randrange(12), r.choice(("a", "b", r.randrange(50), (1, r.randrange(5))))
    if n == 0: d.clear()
    elif n <= 3: d[k] = value(r)
    elif n == 4: d.pop(k)
    elif n == 5: d.popitem()
    elif n == 6: d.setdefault(k, []).append(1)
    elif n == 7: d.update(things[2 + r.randrange(2)])
    elif n == 8: list(d.items())
    elif n == 9: d.copy().keys() & d.keys()
    elif n == 10: del d[k]
    else: assert d.get("never", 5) == 5 and "never" not in d


def sets(r):
    s = things[4]
    n, x = r.randrange(8), r.choice((r.randrange(50), "x", (1, 2), object()))
    if len(s) > 300 or n == 0: s.clear()
    elif n <= 2: s.add(x)
    elif n == 3: s.discard(x)
    elif n == 4: s.pop()
    elif n == 5: s.update(range(r.randrange(30)))
    elif n == 6: s & {1, 2}, s | {3}, frozenset(s)
    else: [hash(e) for e in s]


def buffers(r):
    b = things[5]
    n = r.randrange(6)
    if len(b) > 5000 or n == 0: b.clear()
    elif n == 1: b.extend(b"hello")
    elif n == 2: b[r.randrange(4) : r.randrange(9)] = b"ab"
    elif n == 3: memoryview(b)[:3].tobytes()
    elif n == 4: b.find(b"lo"), bytes(b), b.replace(b"l", b"L")
    else: b.append(7), b.pop()


go(lists, dicts, sets, buffers)
