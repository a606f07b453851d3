"""Prices of call options by simulation: one generator of random numbers for each batch, calls of math functions."""
import math
import random

from _harness import main, pool

BATCHES = 32
SPOT, STRIKE, RATE, SPREAD, YEARS = 100.0, 105.0, 0.03, 0.2, 1.0


def batch(n, size):
    gauss = random.Random(n).gauss
    drift = (RATE - SPREAD * SPREAD / 2) * YEARS
    width = SPREAD * math.sqrt(YEARS)
    total = squares = 0.0
    for _ in range(size):
        payoff = SPOT * math.exp(drift + width * gauss(0.0, 1.0)) - STRIKE
        if payoff > 0.0:
            total += payoff
            squares += payoff * payoff
    return total, squares


def work(threads, size):
    return pool(threads, BATCHES, batch, size)


def exact_price():
    """Black and Scholes."""
    width = SPREAD * math.sqrt(YEARS)
    d1 = (math.log(SPOT / STRIKE) + (RATE + SPREAD * SPREAD / 2) * YEARS) / width
    below = lambda d: (1 + math.erf(d / math.sqrt(2))) / 2
    return SPOT * below(d1) - STRIKE * math.exp(-RATE * YEARS) * below(d1 - width)


def check(size, results):
    samples = BATCHES * size
    total = math.fsum(total for total, squares in results)
    squares = math.fsum(squares for total, squares in results)
    discount = math.exp(-RATE * YEARS)
    mean = total / samples
    error = discount * math.sqrt(max(squares / samples - mean * mean, 0.0) / samples)
    price = discount * mean
    assert samples < 1000 or abs(price - exact_price()) < 5 * error, "the price is within its error"
    return round(price * 1_000_000)


if __name__ == "__main__":
    main(work, check, 20_000)
