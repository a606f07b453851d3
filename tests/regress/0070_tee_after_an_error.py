"""A branch of a tee whose source fails at the first item of a block goes on in that block."""
import itertools


class Source:
    """The numbers from 0; in front of each of `fails` one error."""
    def __init__(self, *fails):
        self.n = 0
        self.fails = {*fails}

    def __iter__(self): return self

    def __next__(self):
        if self.n in self.fails:
            self.fails.remove(self.n)
            raise KeyError(self.n)
        self.n += 1
        return self.n - 1


def read(branch, n):
    out = []
    while len(out) < n:
        try:
            out.append(next(branch))
        except KeyError as e:
            out.append(str(e))
    return out


a, b = itertools.tee(Source(0, 56, 57, 58, 113, 114, 115, 171))
first = read(a, 208)
assert [x for x in first if isinstance(x, int)] == [*range(200)], first
assert [x for x in first if isinstance(x, str)] == ["0", "56", "57", "58", "113", "114", "115", "171"], first
assert read(b, 200) == [*range(200)]
