#!/usr/bin/env python3
"""How threads scale: programs and small patterns with 1 to N threads, against as many separate processes.

    benches/scaling.py --threads 2 skein=target/release/skein cpython=python3.14t
    benches/scaling.py --only mandelbrot private --repeat 5 --svg scaling.svg skein=target/release/skein

For n threads, a pattern or program of `benches/programs` does n times the work of one thread; the ceiling is n processes
of one thread each, started together. Shown is the time of one unit of work on one thread divided by the time of n units on
n (1.00: perfect scaling), and the efficiency: threads against processes. Programs do a fixed amount of work instead: n
threads share it, and the ceiling is n processes that each do the whole of it, divided by n.

Every program prints a checksum, which must not depend on threads or interpreters. Runs under any Python 3.11 or later.
"""
import argparse
import math
import os
import shlex
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
PATTERNS = os.path.join(HERE, "patterns")


def scripts(folder):
    return {n[:-3]: os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith(".py") and n[0] != "_"}


def start(command, path, threads, size):
    sized = ["--size", str(size)] if size else []
    return subprocess.Popen([*command, path, "--threads", str(threads), *sized], stdout=subprocess.PIPE, text=True)


def result(process, path):
    """(checksum, seconds) of a run."""
    words = process.communicate()[0].split()
    if process.returncode != 0 or len(words) != 3 or words[0] != "OK":
        raise SystemExit(f"{path} failed: exit code {process.returncode}, printed {' '.join(words)!r}")
    return words[1], float(words[2])


def measure(command, path, threads, repeat, size):
    """The best seconds of `threads` threads and of as many processes, and the checksum."""
    checksums, together, apart = set(), [], []
    for _ in range(repeat):
        checksum, seconds = result(start(command, path, threads, size), path)
        checksums.add(checksum)
        together.append(seconds)
        if threads > 1:
            # The slowest of processes that were started at the same time.
            runs = [start(command, path, 1, size) for _ in range(threads)]
            both = [result(p, path) for p in runs]
            apart.append(max(seconds for _, seconds in both))
    return min(together), min(apart, default=min(together)), checksums


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the best counts")
    parser.add_argument("--size", type=int, help="size of every program instead of its own")
    parser.add_argument("--only", nargs="+", help="names of programs and patterns")
    parser.add_argument("--svg", default="build/scaling.svg", help="the picture")
    parser.add_argument("interpreters", nargs="*", default=["skein=target/release/skein"], help="NAME=COMMAND")
    options = parser.parse_intermixed_args()
    interpreters = {}
    for each in options.interpreters:
        name, equals, command = each.partition("=")
        if not equals:
            parser.error(f"not NAME=COMMAND: {each}")
        interpreters[name] = shlex.split(command)
    patterns, programs = scripts(PATTERNS), scripts(PROGRAMS)
    chosen = [n for n in [*patterns, *programs] if not options.only or n in options.only]
    if not chosen:
        parser.error("nothing of that name")
    curves = {name: {} for name in chosen}
    efficiencies = {i: {"patterns": [], "programs": []} for i in interpreters}
    print(f"{'':16} {'interpreter':12} {'threads':>7} {'seconds':>9} {'speed-up':>9} {'efficiency':>10}")
    for name in chosen:
        grows = name in patterns
        path = patterns.get(name) or programs[name]
        known = {}
        for interpreter, command in interpreters.items():
            line = curves[name][interpreter] = []
            for n in range(1, options.threads + 1):
                together, apart, checksums = measure(command, path, n, options.repeat, options.size)
                # A pattern's checksum is for its amount of work, which grows with the threads.
                expected = known.setdefault(n if grows else 0, checksums)
                if len(checksums) != 1 or checksums != expected:
                    raise SystemExit(f"{name}: {interpreter} with {n} threads says {checksums}, not {expected}")
                if n == 1:
                    single = together
                work = n if grows else 1
                speed = work * single / max(together, 1e-9)
                efficiency = (apart if grows else apart / n) / max(together, 1e-9)
                line.append(speed)
                if n == options.threads and n > 1:
                    efficiencies[interpreter]["patterns" if grows else "programs"].append(efficiency)
                shown = f"{efficiency:10.2f}" if n > 1 else ""
                print(f"{name:16} {interpreter:12} {n:7} {together:9.3f} {speed:9.2f} {shown}", flush=True)
    for interpreter, kinds in efficiencies.items():
        for kind, values in kinds.items():
            if values:
                print(f"{interpreter}: efficiency of {options.threads} threads, {kind}: geometric mean {mean(values):.2f}, "
                      f"lowest {min(values):.2f}")
    os.makedirs(os.path.dirname(os.path.abspath(options.svg)), exist_ok=True)
    picture(options.svg, curves, options.threads)
    print("picture:", options.svg)


if __name__ == "__main__":
    main()
