"""Documents read, transformed and written as JSON: many short-lived private objects."""
import json

from _harness import Lcg, main, mix, pool

BATCHES = 32


def document(numbers, n):
    return {
        "id": n,
        "name": f"item-{n}",
        "tags": [f"t{numbers.below(20)}" for _ in range(numbers.below(6))],
        "price": numbers.below(100_000) / 4,
        "stock": {"north": numbers.below(50), "south": numbers.below(50), "none": None},
        "active": numbers.below(2) == 1,
        "note": "caf\u00e9 \u2013 \"quoted\"\n" * numbers.below(3),
    }


def transform(d):
    return {
        "key": d["name"].upper().replace("-", "_"),
        "units": sum(v for v in d["stock"].values() if v),
        "tags": sorted(set(d["tags"])),
        "value": d["price"] * 2 if d["active"] else 0,
        "lines": d["note"].count("\n"),
    }


def batch(n, size):
    """The number of characters written, the sum of units, and a checksum of the output."""
    numbers = Lcg(n)
    documents = [document(numbers, n * size + i) for i in range(size)]
    text = json.dumps(documents, ensure_ascii=n % 2 == 0)
    read = json.loads(text)
    assert read == documents, "what is read is what was written"
    out = json.dumps([transform(d) for d in read], sort_keys=True, separators=(",", ":"))
    checksum = 0
    for c in out[::7]:
        checksum = mix(checksum, ord(c))
    return len(text) + len(out), sum(d["units"] for d in json.loads(out)), checksum


def work(threads, size):
    return pool(threads, BATCHES, batch, size)


def check(size, results):
    expected = 0
    for n in range(BATCHES):
        numbers = Lcg(n)
        for i in range(size):
            stock = document(numbers, i)["stock"]
            expected += stock["north"] + stock["south"]
    assert sum(units for length, units, checksum in results) == expected, "every unit is there"
    checksum = 0
    for length, units, part in results:
        checksum = mix(mix(checksum, length), part)
    return checksum


if __name__ == "__main__":
    main(work, check, 300)
