"""A shared list, dict and object that nobody changes."""
from _pattern import main


class Config:
    def __init__(self):
        self.scale = 3
        self.names = {f"k{i}": i for i in range(100)}


table = [float(i) for i in range(1000)]
config = Config()


def job(size):
    total = 0.0
    names = [f"k{i}" for i in range(100)]
    for i in range(size):
        total += table[i % 1000] * config.scale + config.names[names[i % 100]]
    return int(total)


if __name__ == "__main__":
    main(job, 800_000)
