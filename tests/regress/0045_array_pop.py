# array.pop is one step: threads that pop get each item once.
import array
import threading

a = array.array("q", range(4000))
taken = [[] for _ in range(4)]


def pop(out):
    for _ in range(1000):
        out.append(a.pop())


threads = [threading.Thread(target=pop, args=(t,)) for t in taken]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert len(a) == 0
assert sorted(x for t in taken for x in t) == list(range(4000))

b = array.array("b", [1, 2, 3])
assert b.pop(0) == 1 and b.pop(-1) == 3 and b.pop() == 2
for i in 0, -1, 5:
    try:
        b.pop(i)
    except IndexError as e:
        assert str(e) == "pop from empty array"
    else:
        raise AssertionError
b.append(1)
try:
    b.pop(1)
except IndexError as e:
    assert str(e) == "pop index out of range"
else:
    raise AssertionError
