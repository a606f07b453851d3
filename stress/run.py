#!/usr/bin/env python3
"""Races threads against each other, with random seeds, and looks for crashes, panics and hangs.

    stress/run.py --python target/release/skein --seconds 600 [--seed N] [--only NAME] [--slice 5] [--jobs 1]

Runs the scenarios of `scenarios/` again and again, each in a process of its own for a few seconds, until the time is up.
Every run prints its seed on failure; `--seed` starts the same sequence of scenarios and seeds again.
"""
import argparse
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def what_it_does(pid):
    """The stacks of a process that does not end, as far as a debugger is at hand; else what its threads wait for."""
    if shutil.which("gdb"):
        command = ["gdb", "-p", str(pid), "-batch", "-ex", "set pagination off", "-ex", "thread apply all bt 40"]
        try:
            return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120).stdout
        except subprocess.TimeoutExpired:
            pass
    lines = []
    for task in sorted(os.listdir(f"/proc/{pid}/task")) if os.path.isdir(f"/proc/{pid}/task") else []:
        words = []
        for part in ("comm", "wchan", "stat"):
            try:
                with open(f"/proc/{pid}/task/{task}/{part}") as f:
                    words.append(f.read().strip())
            except OSError:
                pass
        lines.append(" ".join(words))
    return "\n".join(lines).encode()


def run(command, name, seed, seconds):
    """None, or what went wrong."""
    path = os.path.join(HERE, "scenarios", name + ".py")
    process = subprocess.Popen(
        [*command, path, str(seed), str(seconds)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=seconds * 3 + 60)
    except subprocess.TimeoutExpired:
        state = process.poll()
        doing = what_it_does(process.pid) if state is None else f"ended with {state}, but its pipes are open".encode()
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return "HANG", out + err + doing
    if process.returncode < 0:
        return f"SIGNAL {-process.returncode}", err
    if b"panicked at" in err:
        return "PANIC", err
    if process.returncode != 0:
        return f"EXIT CODE {process.returncode}", err
    if not out.startswith(b"rounds "):
        return "NO RESULT", out + err
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default="target/release/skein", help="the interpreter under test; may have arguments")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", nargs="+", help="names of scenarios")
    parser.add_argument("--slice", type=float, default=3, help="seconds for each process")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    command = shlex.split(options.python)
    if os.path.exists(command[0]):
        command[0] = os.path.abspath(command[0])
    names = sorted(n[:-3] for n in os.listdir(os.path.join(HERE, "scenarios")) if n.endswith(".py") and n[0] != "_")
    names = options.only or names
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    choose = random.Random(seed)
    end = time.monotonic() + options.seconds
    lock = threading.Lock()
    bag, counts, failures = [], dict.fromkeys(names, 0), []

    def work():
        while time.monotonic() < end:
            with lock:
                if not bag:
                    bag.extend(names)
                    choose.shuffle(bag)
                name, each = bag.pop(), choose.randrange(1_000_000)
            slice = max(0.2, min(options.slice, end - time.monotonic()))
            problem = run(command, name, each, slice)
            with lock:
                counts[name] += 1
                if problem:
                    kind, text = problem
                    failures.append(name)
                    # Stacks are told in full.
                    most = 1000 if kind == "HANG" else 15
                    tail = "\n    ".join(text.decode(errors="replace").strip().splitlines()[-most:])
                    again = f"{options.python} stress/scenarios/{name}.py {each} {slice:g}"
                    print(f"{kind}: {name}, again with: {again}\n    {tail}", flush=True)

    team = [threading.Thread(target=work) for _ in range(options.jobs)]
    for t in team:
        t.start()
    for t in team:
        t.join()
    print(", ".join(f"{name} {n}" for name, n in counts.items()), "runs;", len(failures), "failed; seed", seed)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
