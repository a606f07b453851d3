#!/usr/bin/env python3
"""How threads scale: programs and small patterns with 1 to N threads, against as many separate processes.

    benches/scaling.py --threads 2 skein=target/release/skein cpython=python3.14t
    benches/scaling.py --only mandelbrot private written.queues --repeat 5 --svg scaling.svg skein=target/release/skein

For n threads, a pattern (a case of a file of `benches/patterns`) does n times the work of one thread; the ceiling is n processes
of one thread each, started together. Shown is the time of one unit of work on one thread divided by the time of n units on
n (1.00: perfect scaling), and the efficiency: threads against processes. A program of `benches/programs` does a fixed amount of
work instead: n threads share it, and the ceiling is n processes that each do the whole of it, divided by n.

At the end there is a line for each group: the patterns that share nothing, that read shared objects and that write them, and the
programs. With `--many M` the patterns that write also run with M threads: shown is the throughput, against that of N threads.

Every program prints a checksum, which must not depend on threads or interpreters. Runs under any Python 3.11 or later.
"""
import argparse
import importlib
import math
import os
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
PATTERNS = os.path.join(HERE, "patterns")
GROUPS = {"private": "nothing shared", "read": "shared, read only", "written": "shared, written", "program": "programs"}


class Script:
    """A pattern or program: what to run, and to which group it belongs."""

    def __init__(self, name, group, path, *arguments):
        self.name, self.group, self.path, self.arguments = name, group, path, arguments

    @property
    def grows(self):
        """Whether n threads do n times the work."""
        return self.group != "program"


def files(folder):
    return {n[:-3]: os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith(".py") and n[0] != "_"}


def scripts():
    sys.path.insert(0, PATTERNS)
    common = importlib.import_module("_pattern")
    out = []
    for file, path in files(PATTERNS).items():
        common.cases.clear()
        importlib.import_module(file)
        out += [Script(f"{file}.{n}", job.group, path, "--case", n) for n, job in common.cases.items()]
    out.sort(key=lambda s: list(GROUPS).index(s.group))
    return out + [Script(n, "program", path) for n, path in files(PROGRAMS).items()]


def start(command, script, threads, size):
    sized = ["--size", str(size)] if size else []
    words = [*command, script.path, *script.arguments, "--threads", str(threads), *sized]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def result(process, script):
    """(checksum, seconds) of a run."""
    words = process.communicate()[0].split()
    if process.returncode != 0 or len(words) != 3 or words[0] != "OK":
        raise SystemExit(f"{script.name} failed: exit code {process.returncode}, printed {' '.join(words)!r}")
    return words[1], float(words[2])


def measure(command, script, threads, repeat, size):
    """The best seconds of `threads` threads and of as many processes, and the checksum."""
    checksums, together, apart = set(), [], []
    for _ in range(repeat):
        checksum, seconds = result(start(command, script, threads, size), script)
        checksums.add(checksum)
        together.append(seconds)
        if threads > 1:
            # The slowest of processes that were started at the same time.
            runs = [start(command, script, 1, size) for _ in range(threads)]
            both = [result(p, script) for p in runs]
            apart.append(max(seconds for _, seconds in both))
    return min(together), min(apart, default=min(together)), checksums


def throughput(command, script, threads, many, repeat, size):
    """Units of work in a second by `many` threads, divided by what `threads` threads do."""

    def rate(n):
        return max(n / result(start(command, script, n, size), script)[1] for _ in range(repeat))

    return rate(many) / rate(threads)


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b7791f", "#444444")


def picture(path, curves, most):
    """Speed-up curves, one panel for each script: `curves` is name -> {interpreter: [speed-up for 1, 2, ...]}."""
    width, height, margin, columns = 190, 150, 30, 4
    rows = math.ceil(len(curves) / columns)
    interpreters = list(dict.fromkeys(i for lines in curves.values() for i in lines))
    total_width, total_height = columns * (width + margin) + margin, rows * (height + 2 * margin) + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{total_height}" font-family="sans-serif" '
        'font-size="11">',
        f'<rect width="{total_width}" height="{total_height}" fill="white"/>',
    ]
    for i, name in enumerate(interpreters):
        x = margin + 140 * i
        colour = COLOURS[i % len(COLOURS)]
        out.append(f'<rect x="{x}" y="10" width="18" height="4" fill="{colour}"/><text x="{x + 24}" y="17">{name}</text>')
    for index, (name, lines) in enumerate(curves.items()):
        left = margin + index % columns * (width + margin)
        top = 40 + index // columns * (height + 2 * margin)
        top_value = max(most, *(max(line) for line in lines.values()))

        def point(n, speed):
            x = left + (n - 1) / max(1, most - 1) * width
            return f"{x:.1f},{top + height - speed / top_value * height:.1f}"

        out.append(f'<text x="{left}" y="{top - 6}" font-weight="bold">{name}</text>')
        out.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#bbb"/>')
        out.append(
            f'<polyline points="{point(1, 1)} {point(most, most)}" fill="none" stroke="#bbb" stroke-dasharray="4 3"/>'
        )
        for n in range(1, most + 1):
            x = left + (n - 1) / max(1, most - 1) * width
            out.append(f'<text x="{x:.1f}" y="{top + height + 13}" text-anchor="middle">{n}</text>')
        out.append(f'<text x="{left - 4}" y="{top + 9}" text-anchor="end">{top_value:.1f}</text>')
        for i, interpreter in enumerate(interpreters):
            if interpreter in lines:
                points = [point(n, speed) for n, speed in enumerate(lines[interpreter], 1)]
                colour = COLOURS[i % len(COLOURS)]
                out.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
                for p in points:
                    x, y = p.split(",")
                    out.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>')
    out.append("</svg>")
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")


def summary(title, values):
    worst = min(values, key=values.get)
    print(f"{title}: geometric mean {mean(values.values()):.2f}, lowest {values[worst]:.2f} ({worst})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the best counts")
    parser.add_argument("--size", type=int, help="size of every program instead of its own")
    parser.add_argument("--only", nargs="+", help="names of programs, patterns, files of patterns and groups")
    parser.add_argument("--many", type=int, help="more threads than cores, for the patterns that write")
    parser.add_argument("--svg", default="build/scaling.svg", help="the picture")
    parser.add_argument("interpreters", nargs="*", default=["skein=target/release/skein"], help="NAME=COMMAND")
    options = parser.parse_intermixed_args()
    interpreters = {}
    for each in options.interpreters:
        name, equals, command = each.partition("=")
        if not equals:
            parser.error(f"not NAME=COMMAND: {each}")
        interpreters[name] = shlex.split(command)
    only = set(options.only or ())
    chosen = [s for s in scripts() if not only or only & {s.name, s.name.partition(".")[0], s.group}]
    if not chosen:
        parser.error("nothing of that name")
    curves = {script.name: {} for script in chosen}
    efficiencies = {i: {g: {} for g in GROUPS} for i in interpreters}
    crowds = {i: {} for i in interpreters}
    print(f"{'':32} {'interpreter':12} {'threads':>7} {'seconds':>9} {'speed-up':>9} {'efficiency':>10}")
    for script in chosen:
        grows = script.grows
        known = {}
        for interpreter, command in interpreters.items():
            line = curves[script.name][interpreter] = []
            for n in range(1, options.threads + 1):
                together, apart, checksums = measure(command, script, n, options.repeat, options.size)
                # A pattern's checksum is for its amount of work, which grows with the threads.
                expected = known.setdefault(n if grows else 0, checksums)
                if len(checksums) != 1 or checksums != expected:
                    raise SystemExit(f"{script.name}: {interpreter} with {n} threads says {checksums}, not {expected}")
                if n == 1:
                    single = together
                work = n if grows else 1
                speed = work * single / max(together, 1e-9)
                efficiency = (apart if grows else apart / n) / max(together, 1e-9)
                line.append(speed)
                if n == options.threads and n > 1:
                    efficiencies[interpreter][script.group][script.name] = efficiency
                shown = f"{efficiency:10.2f}" if n > 1 else ""
                print(f"{script.name:32} {interpreter:12} {n:7} {together:9.3f} {speed:9.2f} {shown}", flush=True)
            if options.many and script.group == "written":
                ratio = throughput(command, script, options.threads, options.many, options.repeat, options.size)
                crowds[interpreter][script.name] = ratio
                print(f"{script.name:32} {interpreter:12} {options.many:7} {'throughput':>19} {ratio:10.2f}", flush=True)
    for interpreter, groups in efficiencies.items():
        for group, values in groups.items():
            if values:
                summary(f"{interpreter}: efficiency of {options.threads} threads, {GROUPS[group]}", values)
        if crowds[interpreter]:
            summary(
                f"{interpreter}: throughput of {options.many} threads against {options.threads}, {GROUPS['written']}",
                crowds[interpreter],
            )
    os.makedirs(os.path.dirname(os.path.abspath(options.svg)), exist_ok=True)
    picture(options.svg, curves, options.threads)
    print("picture:", options.svg)


if __name__ == "__main__":
    main()
