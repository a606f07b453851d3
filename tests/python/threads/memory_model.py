"""What a program may rely on: single operations on shared objects are whole, and nothing is lost under a lock."""
import threading

N, ROUNDS = 4, 2000


def team(f):
    start = threading.Barrier(N)

    def run(i):
        start.wait()
        f(i)

    ts = [threading.Thread(target=run, args=(i,)) for i in range(N)]
    for t in ts: t.start()
    for t in ts: t.join()


shared = []
team(lambda i: [shared.append((i, n)) for n in range(ROUNDS)])
assert len(shared) == N * ROUNDS and all([n for k, n in shared if k == i] == list(range(ROUNDS)) for i in range(N))

table = {}


def fill(i):
    for n in range(ROUNDS):
        table[i, n] = n


team(fill)
assert len(table) == N * ROUNDS and sum(table.values()) == N * sum(range(ROUNDS))

once = {}
won = []


def first(i):
    for n in range(ROUNDS):
        mine = (i, n)
        if once.setdefault(n, mine) is mine:
            won.append(n)


team(first)
assert sorted(won) == list(range(ROUNDS))

stack = list(range(N * ROUNDS))
taken = [[] for _ in range(N)]


def take(i):
    try:
        while True:
            taken[i].append(stack.pop())
    except IndexError:
        pass


team(take)
assert sorted(n for part in taken for n in part) == list(range(N * ROUNDS))

unique = set()
team(lambda i: [unique.add(n) for n in range(ROUNDS)])
assert unique == set(range(ROUNDS))


class Point:
    def __init__(self): self.pair = (0, 0)


p = Point()


def swap(i):
    for n in range(ROUNDS):
        p.pair = (n, n)
        a, b = p.pair
        assert a == b


team(swap)
