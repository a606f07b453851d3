"""A producer, workers and a collector, joined by bounded queues: locks and conditions under load."""
import threading

from _harness import main, mix, team


class Queue:
    """First in, first out, at most `limit` items. `close` ends it for readers once it is empty."""

    def __init__(self, limit, writers):
        self.items = []
        self.limit = limit
        self.writers = writers
        self.lock = threading.Lock()
        self.filled = threading.Condition(self.lock)
        self.drained = threading.Condition(self.lock)

    def put(self, item):
        with self.lock:
            while len(self.items) >= self.limit:
                self.drained.wait()
            self.items.append(item)
            self.filled.notify()

    def __iter__(self):
        while True:
            with self.lock:
                while not self.items:
                    if self.writers == 0:
                        return
                    self.filled.wait()
                item = self.items.pop(0)
                self.drained.notify()
            yield item

    def close(self):
        with self.lock:
            self.writers -= 1
            self.filled.notify_all()


def steps(n):
    """The length of the Collatz sequence from n."""
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


BLOCK = 40


def produce(out, size):
    for n in range(size):
        out.put(range(n * BLOCK + 1, (n + 1) * BLOCK + 1))
    out.close()


def transform(source, out):
    for block in source:
        out.put((block[0], [steps(n) for n in block]))
    out.close()


def collect(source, results):
    for first, lengths in source:
        results[first] = lengths


def work(threads, size):
    todo = Queue(16, 1)
    done = Queue(16, threads)
    results = {}

    def member(i):
        if i == threads:
            produce(todo, size)
        elif i == threads + 1:
            collect(done, results)
        else:
            transform(todo, done)

    team(threads + 2, member)
    return results


def check(size, results):
    lengths = [n for first in sorted(results) for n in results[first]]
    assert len(lengths) == size * BLOCK, "every item arrives"
    checksum = 0
    for n, length in enumerate(lengths, 1):
        if n % 2 == 0:
            assert length == lengths[n // 2 - 1] + 1, "half of it is one step less"
        checksum = mix(checksum, length)
    return checksum


if __name__ == "__main__":
    main(work, check, 600)
