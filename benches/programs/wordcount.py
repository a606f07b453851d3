"""Word frequencies of generated text: strings and dicts; the counts are merged under a lock."""
import threading

from _harness import Lcg, main, mix, pool

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
CHUNKS = 32


def vocabulary():
    numbers = Lcg(7)
    words = set()
    while len(words) < 800:
        words.add("".join(SYLLABLES[numbers.below(20)] for _ in range(1 + numbers.below(4))))
    return sorted(words)


def draws(chunk, size, vocabulary):
    """The words of a chunk; a small number is drawn more often than a large one."""
    numbers = Lcg(1000 + chunk)
    for _ in range(size):
        yield numbers.below(numbers.below(len(vocabulary)) + 1)


def text(chunk, size, vocabulary):
    parts = []
    for i, n in enumerate(draws(chunk, size, vocabulary)):
        word = vocabulary[n]
        if i % 11 == 0:
            word = word.capitalize()
        elif i % 13 == 0:
            word = word.upper() + ","
        parts.append(word + (".\n" if i % 17 == 0 else " "))
    return "".join(parts)


def count_words(chunk, size, vocabulary, total, lock):
    counts = {}
    for line in text(chunk, size, vocabulary).splitlines():
        for word in line.split():
            word = word.strip(".,").lower()
            counts[word] = counts.get(word, 0) + 1
    with lock:
        for word, n in counts.items():
            total[word] = total.get(word, 0) + n


def work(threads, size):
    words = vocabulary()
    total = {}
    pool(threads, CHUNKS, count_words, size, words, total, threading.Lock())
    return total


def check(size, total):
    words = vocabulary()
    expected = {}
    for chunk in range(CHUNKS):
        for n in draws(chunk, size, words):
            expected[words[n]] = expected.get(words[n], 0) + 1
    assert total == expected, "every word is counted"
    checksum = 0
    for word in sorted(total):
        for c in word:
            checksum = mix(checksum, ord(c))
        checksum = mix(checksum, total[word])
    return checksum


if __name__ == "__main__":
    main(work, check, 10_000)
