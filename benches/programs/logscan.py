"""Regular expressions over the lines of a generated log, compiled once and shared."""
import re

from _harness import Lcg, main, mix, pool

BATCHES = 32
LINE = re.compile(
    r"(?P<host>\d+\.\d+\.\d+\.\d+) - (?P<user>\w+|-) \[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/2026:(?P<clock>[\d:]+)\] "
    r'"(?P<verb>GET|POST|PUT) (?P<path>/\S*) HTTP/1\.[01]" (?P<status>\d{3}) (?P<size>\d+|-)$'
)
QUERY = re.compile(r"[?&](\w+)=([^&\s]*)")
NUMBER = re.compile(r"\d+")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def line(numbers):
    """A line, its status and its size; one in twenty is not well formed."""
    below = numbers.below
    host = ".".join(str(below(256)) for _ in range(4))
    user = ("-", "ada", "bob", "eve_7")[below(4)]
    path = "/" + "/".join(("img", "api", "v2", "users")[below(4)] for _ in range(below(4)))
    if below(3) == 0:
        path += f"?id={below(1000)}&sort={'up' if below(2) else 'down'}"
    status = (200, 200, 200, 304, 404, 500)[below(6)]
    size = below(100_000)
    day = f"{below(28) + 1:02}/{MONTHS[below(12)]}/2026:{below(24):02}:{below(60):02}:{below(60):02}"
    verb = ("GET", "POST", "PUT")[below(3)]
    if below(20) == 0:
        return f"{host} - {user} [{day}] {verb} {path}", 0, 0
    return f'{host} - {user} [{day}] "{verb} {path} HTTP/1.{below(2)}" {status} {size}', status, size


def batch(n, size):
    numbers = Lcg(n)
    text = "\n".join(line(numbers)[0] for _ in range(size))
    statuses = {}
    total = queries = 0
    checksum = 0
    for each in text.split("\n"):
        match = LINE.match(each)
        if not match:
            continue
        status = int(match["status"])
        statuses[status] = statuses.get(status, 0) + 1
        total += int(match["size"])
        for key, value in QUERY.findall(match["path"]):
            queries += len(key) + len(value)
        hidden = NUMBER.sub("#", match["host"] + match["clock"])
        checksum = mix(checksum, hidden.count("#") + len(hidden))
    return statuses, total, mix(checksum, queries)


def work(threads, size):
    return pool(threads, BATCHES, batch, size)


def check(size, results):
    checksum = 0
    for n, (statuses, total, part) in enumerate(results):
        numbers = Lcg(n)
        expected, expected_total = {}, 0
        for _ in range(size):
            _, status, length = line(numbers)
            if status:
                expected[status] = expected.get(status, 0) + 1
                expected_total += length
        assert statuses == expected and total == expected_total, "every well-formed line is found"
        checksum = mix(mix(checksum, part), total)
    return checksum


if __name__ == "__main__":
    main(work, check, 700)
