"""A counter under a lock, with some private work between two turns."""
import threading

from _pattern import main

lock = threading.Lock()
counter = [0]


def job(size):
    for i in range(size):
        private = 0
        for k in range(30):
            private += k
        with lock:
            counter[0] += 1
    return size


if __name__ == "__main__":
    main(job, 100_000)
