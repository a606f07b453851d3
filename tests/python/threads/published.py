"""Objects handed from thread to thread keep their contents and die once."""
import threading
import weakref

dead = []


class Node:
    def __init__(self, n, next=None):
        self.n = n
        self.next = next

    def __del__(self):
        dead.append(self.n)


slot = [None]
turn = [threading.Semaphore(1), threading.Semaphore(0)]
total = [0]


def give():
    for n in range(500):
        turn[0].acquire()
        slot[0] = Node(n, {"list": [n, str(n)], "next": (n,)})
        turn[1].release()


def take():
    for n in range(500):
        turn[1].acquire()
        node = slot[0]
        slot[0] = None
        assert node.n == n and node.next["list"] == [n, str(n)] and node.next["next"] == (n,)
        total[0] += node.n
        node = None
        turn[0].release()


a, b = threading.Thread(target=give), threading.Thread(target=take)
a.start(); b.start(); a.join(); b.join()
assert total[0] == sum(range(500)) and sorted(dead) == list(range(500))

made = []
t = threading.Thread(target=lambda: made.extend(Node(1000 + i) for i in range(100)))
t.start()
t.join()
refs = [weakref.ref(m) for m in made]
made.clear()
assert all(r() is None for r in refs) and len(dead) == 600


def maker():
    def closure(n=[0]):
        n[0] += 1
        return n[0]
    return closure


made = []
t = threading.Thread(target=lambda: made.append(maker()))
t.start()
t.join()
assert made[0]() == 1 and made[0]() == 2


def gen():
    x = 0
    while True:
        x += 1
        yield x


g = gen()
seen = []
for _ in range(5):
    t = threading.Thread(target=lambda: seen.append(next(g)))
    t.start()
    t.join()
assert seen == [1, 2, 3, 4, 5]
