"""Small integers in local variables: nothing is shared but code and constants."""
from _pattern import main


def job(size):
    total = 0
    for i in range(size):
        total = (total * 3 + i) & 0xFFFF
    return total


if __name__ == "__main__":
    main(job, 3_000_000)
