"""What threads shared dies when its last reference goes, as soon as nobody else is running."""
import threading
import weakref


class Runner:
    def __init__(self):
        self.thread = threading.Thread(target=self.run, args=(self,), kwargs={"again": self})
        self.thread.start()

    def run(self, other, again):
        pass


def once():
    runner = Runner()
    reference = weakref.ref(runner)
    runner.thread.join()
    del runner
    assert reference() is None


for _ in range(100):
    once()

# A register that only reads a shared object does not keep it alive beyond its own end, nor does it let it die.
box = [None]


def look():
    for _ in range(200):
        item = box[0]
        if item is not None:
            assert item[0][0] == 1 and item[1] == "x" * 10
            del item


def change():
    for i in range(2000):
        box[0] = ([1], "x" * 10)
        box[0] = None


threads = [threading.Thread(target=f) for f in (look, change, look, change)]
for t in threads:
    t.start()
for t in threads:
    t.join()
