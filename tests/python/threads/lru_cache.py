"""`lru_cache`: exact order of eviction for one thread, no loss of structure for several."""
import collections
import functools
import random
import threading


def check(seed, size, keys, calls):
    """Random calls, against a model."""
    r = random.Random(seed)
    computed = []

    @functools.lru_cache(maxsize=size)
    def f(n):
        computed.append(n)
        return n * n

    model, hits, misses = collections.OrderedDict(), 0, 0
    for k in range(calls):
        # Sometimes the same one again, sometimes several hits in a row.
        n = r.randrange(keys) if r.random() < 0.7 or not model else r.choice(list(model))
        before = len(computed)
        assert f(n) == n * n
        if n in model:
            hits += 1
            model.move_to_end(n)
            assert len(computed) == before, (seed, k)
        else:
            misses += 1
            model[n] = True
            if len(model) > size:
                model.popitem(last=False)
            assert computed[before:] == [n], (seed, k)
        assert f.cache_info() == (hits, misses, size, len(model))
        if k == calls // 2:
            f.cache_clear()
            model.clear()
            hits = misses = 0


for seed in range(5):
    check(seed, 8, 12, 2000)
failures = []


def checked(seed):
    try:
        check(seed, 5, 9, 2000)
    except BaseException as e:
        failures.append(e)


threads = [threading.Thread(target=checked, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert not failures, failures
check(99, 8, 12, 2000)


@functools.lru_cache(maxsize=10)
def shared(n):
    return (n,)


def work(i):
    r = random.Random(i)
    for _ in range(5000):
        n = r.randrange(13)
        assert shared(n) == (n,)


threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
info = shared.cache_info()
assert info.hits + info.misses == 20000 and info.currsize <= 10 and info.hits > 5000
# One thread alone again: what it uses stays.
for n in range(10):
    shared(n)
for n in range(9):
    shared(n)
shared(100)
before = shared.cache_info().misses
for n in range(9):
    shared(n)
assert shared.cache_info().misses == before
