def f(n):
    total = 0
    for i in range(n):
        if i % 3 == 0 and i != 7:
            continue
        total += i
    else:
        total = -total
    while total < 100:
        total = total * 2 + 1
    return total


def swap(a, b, c):
    a, b = b, a + b
    a, b, c = c, a, b
    return [x for x in (a, b, c) if x is not None]
