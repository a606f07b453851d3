"""The prompt on a terminal: line editing, blocks, an interrupt by key, the end by key.

    python3 tests/prompt.py target/release/skein

Needs another interpreter with the module `pty`.
"""
import os, pty, select, sys, time

os.environ.update(TERM="xterm", NO_COLOR="1", PYTHON_COLORS="0", PYTHON_HISTORY=os.devnull)
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "-q"])
text = b""


def wait_for(end, prompt):
    """Until `end` was written, and a prompt behind it."""
    global text
    limit = time.monotonic() + 20
    while not (end in text and prompt in text[text.find(end):]) and time.monotonic() < limit:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                text += os.read(fd, 4096)
            except OSError:
                return
    assert end in text and prompt in text[text.find(end):], (end, text)
    text = b""


wait_for(b"", b">>> ")
for line, answer, prompt in [
    (b"40 + 3\x7f2\r", b"42", b">>> "),
    (b"for i in range(2):\r", b"\n", b"... "),
    (b"    print('item', i)\r", b"\n", b"... "),
    (b"\r", b"item 1", b">>> "),
    (b"1 + \x03", b"KeyboardInterrupt", b">>> "),
    (b"while 1: pass\r", b"\n", b"... "),
    (b"\r", b"\n", b""),
    (b"\x03", b"KeyboardInterrupt", b">>> "),
    (b"_\r", b"42", b">>> "),
    (b"\x04", b"", b""),
]:
    if line == b"\x03":
        time.sleep(0.5)
    os.write(fd, line)
    wait_for(answer, prompt)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert code == 0, code
print("OK")
