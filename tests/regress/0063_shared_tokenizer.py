"""Threads that share a tokenizer: one of them reads the source. And the last token is the end."""
import io
import threading
import tokenize

source = "for _ in a:\n  pass\n" * 50


def tokens(it, into):
    for t in it:
        into.append(t)


def make():
    return tokenize._tokenize.TokenizerIter(io.StringIO(source).readline, extra_tokens=False)


expected = []
tokens(make(), expected)
assert expected[-1][0] == tokenize.ENDMARKER
for _ in range(20):
    it, found = make(), []
    threads = [threading.Thread(target=tokens, args=(it, found)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(found) == sorted(expected)

last = list(tokenize.generate_tokens(io.StringIO("x = 1\n").readline))[-1]
assert last == (tokenize.ENDMARKER, "", (2, 0), (2, 0), ""), last
