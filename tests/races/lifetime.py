"""Weak references, finalisers and cycles while other threads look on."""
import gc
import weakref

from _race import do_race


class C:
    def __del__(self): box.append(1)


box = []
o = C()
ref = weakref.ref(o)
values = weakref.WeakValueDictionary()
group = weakref.WeakSet()


def renew():
    global o, ref
    o = C()
    ref = weakref.ref(o)


def cycle():
    a, b = C(), C()
    a.b, b.a = b, a


def look():
    for _ in range(10):
        x = ref()
        if x is not None: x.y = 1


do_race(renew, look, look)
do_race(renew, lambda: weakref.ref(o, box.append), box.clear)
do_race(renew, lambda: values.__setitem__("k", o), lambda: values.get("k"))
do_race(renew, lambda: group.add(o), lambda: list(group))
do_race(cycle, renew, rounds=100)
do_race(cycle, lambda: gc.collect(), rounds=20)
do_race(renew, lambda: weakref.getweakrefs(o), lambda: setattr(o, "me", o))
held = []
do_race(lambda: held.append(C()), held.clear, lambda: [x.__class__ for x in held])

# A dead reference is taken out of a dict, not the living one that has taken its place meanwhile.
class Value: pass


for _ in range(50):
    old = [Value() for _ in range(50)]
    new = [Value() for _ in range(50)]
    values = weakref.WeakValueDictionary(enumerate(old))

    def replace():
        for i, v in enumerate(new): values[i] = v

    do_race(old.clear, replace, rounds=1, allow=())
    assert [values.get(i) for i in range(50)] == new
