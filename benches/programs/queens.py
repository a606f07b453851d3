"""The queens of an n by n board, by a pool: recursion and small integers."""
from _harness import main, pool

KNOWN = [1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596]


def place(row, size, columns, left, right):
    """How many ways there are to fill the rows from `row` on, given the attacked columns and diagonals."""
    if row == size:
        return 1
    ways = 0
    free = ~(columns | left | right) & ((1 << size) - 1)
    while free:
        bit = free & -free
        free ^= bit
        ways += place(row + 1, size, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return ways


def job(n, size):
    """The boards with the first two queens in the columns that n says."""
    first, second = 1 << n // size, 1 << n % size
    left, right = first << 1, first >> 1
    if second & (first | left | right):
        return 0
    return place(2, size, first | second, (left | second) << 1, (right | second) >> 1)


def work(threads, size):
    return sum(pool(threads, size * size, job, size))


def check(size, ways):
    assert size < 2 or size >= len(KNOWN) or ways == KNOWN[size], "the number of solutions is known"
    return ways


if __name__ == "__main__":
    main(work, check, 11)
