"""The Mandelbrot set on a square grid: float arithmetic in private loops."""
from _harness import main, mix, pool

LIMIT = 80


def row(r, size):
    # Odd multiples of 1.25 / size: rows r and size - 1 - r are exact mirror images.
    ci = (2 * r + 1 - size) * 1.25 / size
    total = 0
    for c in range(size):
        cr = -2.0 + 2.5 * c / size
        zr = zi = 0.0
        n = 0
        while n < LIMIT:
            zr2 = zr * zr
            zi2 = zi * zi
            if zr2 + zi2 > 4.0:
                break
            zi = 2.0 * zr * zi + ci
            zr = zr2 - zi2 + cr
            n += 1
        total += n * (c + 1)
    return total


def work(threads, size):
    return pool(threads, size, row, size)


def check(size, rows):
    assert rows == rows[::-1], "the set is symmetric"
    checksum = 0
    for total in rows:
        checksum = mix(checksum, total)
    return checksum


if __name__ == "__main__":
    main(work, check, 240)
