# A text object is used, whose raw file, written in Python, uses the text object in another thread: nobody waits for ever.
import io
import threading
import time

inside = threading.Event()


class Raw(io.RawIOBase):
    """Writes to the text object on top of it."""
    text = None

    def writable(self): return True

    def write(self, data):
        if self.text is not None and not inside.is_set():
            inside.set()
            # The other thread has the text object by now, and waits for the buffer.
            time.sleep(0.2)
            try:
                self.text.write("y" * 20000)
            except (RuntimeError, ValueError) as e:
                assert "reentrant" in str(e) or "I/O" in str(e), e
        return len(data)


raw = Raw()
text = io.TextIOWrapper(io.BufferedWriter(raw, 16), "utf-8")
raw.text = text


def below():
    text.buffer.write(b"x" * 100)


def above():
    inside.wait()
    text.write("z" * 20000)
    text.flush()


threads = [threading.Thread(target=f, daemon=True) for f in (below, above)]
for t in threads: t.start()
for t in threads:
    t.join(20)
    assert not t.is_alive(), "they wait for each other"
