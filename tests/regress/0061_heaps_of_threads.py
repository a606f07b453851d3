"""Threads that share a heap: each operation of heapq is one step, as long as comparisons do not change the list."""
import heapq
import threading


class Number:
    "Compared by Python code."
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n


def run(*workers):
    failures = []

    def body(f):
        try:
            f()
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=body, args=(f,)) for f in workers]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]


def check(heap, above):
    assert all(not above(heap[i], heap[(i - 1) // 2]) for i in range(1, len(heap)))


for make, n in (int, 3000), (Number, 400):
    for end in "", "_max":
        push, pop, replace, push_pop, heapify = (
            getattr(heapq, name + end) for name in ("heappush", "heappop", "heapreplace", "heappushpop", "heapify"))
        above = (lambda a, b: a < b) if end == "" else (lambda a, b: b < a)
        heap = []

        def pusher():
            for i in range(n):
                push(heap, make(i * 7919 % n))

        run(*[pusher] * 4)
        assert len(heap) == 4 * n
        check(heap, above)

        def replacer():
            for i in range(n):
                replace(heap, make(i))
                push_pop(heap, make(n - i))

        run(*[replacer] * 4)
        assert len(heap) == 4 * n
        check(heap, above)

        def popper():
            items = [pop(heap) for _ in range(n)]
            assert all(not above(items[i], items[i - 1]) for i in range(1, n))

        run(*[popper] * 4)
        assert heap == []
        heap = [make(i * 7919 % n) for i in range(n)]
        run(*[lambda: heapify(heap)] * 4)
        check(heap, above)

# A heap that is shorter for a moment only.
heap = []


def in_and_out():
    for _ in range(4000):
        heapq.heappush(heap, 1)
        heapq.heappop(heap)


run(*[in_and_out] * 8)
assert heap == []


# A comparison that changes the list all the time does not hang.
class Grower(Number):
    def __lt__(self, other):
        if len(heap) < 5000:
            heap.append(Grower(0))
        return super().__lt__(other)


heap = [Grower(i) for i in range(10)]


def change():
    for _ in range(3):
        try:
            heapq.heappush(heap, Grower(-1))
        except RuntimeError:
            pass


run(change, change)
