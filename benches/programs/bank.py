"""Transfers between accounts, each with its lock: shared writes with little contention."""
import threading

from _harness import Lcg, main, mix, pool

ACCOUNTS = 256
BATCHES = 32


class Account:
    def __init__(self, number):
        self.number = number
        self.balance = 1000
        self.moves = 0
        self.lock = threading.Lock()


def transfer(source, target, amount):
    first, second = (source, target) if source.number < target.number else (target, source)
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount
        source.moves += 1
        target.moves += 1


def batch(n, size, accounts):
    numbers = Lcg(n)
    for _ in range(size):
        a, b = numbers.below(ACCOUNTS), numbers.below(ACCOUNTS)
        if a != b:
            transfer(accounts[a], accounts[b], numbers.below(100))


def work(threads, size):
    accounts = [Account(n) for n in range(ACCOUNTS)]
    pool(threads, BATCHES, batch, size, accounts)
    return accounts


def check(size, accounts):
    assert sum(a.balance for a in accounts) == 1000 * ACCOUNTS, "no money is lost or made"
    checksum = 0
    for a in accounts:
        checksum = mix(mix(checksum, a.balance), a.moves)
    return checksum


if __name__ == "__main__":
    main(work, check, 8000)
