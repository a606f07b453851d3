"""Shared lists, tuples and dicts that nobody changes."""
from _pattern import case, main

pairs = [(str(i), [i]) for i in range(100)]
table = dict(pairs)
fixed = tuple(pairs)
floats = [float(i) for i in range(1000)]
numbered = {i: (i, i) for i in range(100)}
keys = list(table)


@case("read", 2_000_000)
def items(size):
    total = 0.0
    for i in range(size):
        total += floats[i % 1000] + table[keys[i % 100]][0]
    return int(total)


@case("read", 2_000_000)
def dict_get(size):
    total = 0
    for i in range(size):
        total += numbered.get(i % 100)[1] + table.get(keys[i % 100])[0]
    return total


@case("read", 70_000)
def over_list(size):
    total = 0
    for _ in range(size):
        for name, value in pairs:
            total += value[0]
    return total


@case("read", 60_000)
def over_tuple(size):
    total = 0
    for _ in range(size):
        for pair in fixed:
            total += len(pair)
    return total


@case("read", 18_000)
def over_dict(size):
    total = 0
    for _ in range(size):
        for name in table:
            total += len(name)
        for value in table.values():
            total += value[0]
        for name, value in table.items():
            total += value[0]
    return total


@case("read", 18_000)
def generators(size):
    total = 0
    for _ in range(size):
        total += sum(len(name) for name, value in pairs)
    return total


@case("read", 12_000)
def comprehensions(size):
    total = 0
    for _ in range(size):
        total += len([value for name, value in pairs]) + len({name: value for name, value in pairs})
    return total


@case("read", 20_000)
def copies(size):
    total = 0
    for _ in range(size):
        total += len(list(pairs)) + len(dict(table)) + len(pairs[10:60]) + len(fixed + fixed)
    return total


if __name__ == "__main__":
    main()
