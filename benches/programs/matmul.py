"""The product of two square matrices: indexing of shared lists, private sums."""
from _harness import Lcg, main, mix, pool


def matrix(size, seed):
    # Small whole numbers, so that every sum is exact.
    numbers = Lcg(seed)
    return [[float(numbers.below(19) - 9) for _ in range(size)] for _ in range(size)]


def product_row(r, a, columns):
    row = a[r]
    out = []
    for column in columns:
        total = 0.0
        for k in range(len(row)):
            total += row[k] * column[k]
        out.append(total)
    return out


def work(threads, size):
    a = matrix(size, 1)
    b = matrix(size, 2)
    columns = [list(column) for column in zip(*b)]
    return a, b, pool(threads, size, product_row, a, columns)


def times(m, v):
    return [sum(x * y for x, y in zip(row, v)) for row in m]


def check(size, result):
    a, b, c = result
    for seed in range(3, 6):
        numbers = Lcg(seed)
        v = [float(numbers.below(2)) for _ in range(size)]
        assert times(c, v) == times(a, times(b, v)), "(AB)v is A(Bv)"
    checksum = 0
    for row in c:
        for x in row:
            checksum = mix(checksum, int(x))
    return checksum


if __name__ == "__main__":
    main(work, check, 180)
