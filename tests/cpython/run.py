#!/usr/bin/env python3
"""Runs CPython's own tests, each module in its own process, and compares test by test with what is expected.

    tests/cpython/run.py --tests DIR --python target/release/skein              all modules of modules.txt
    tests/cpython/run.py --tests DIR --modules test_int test_list               only these
    tests/cpython/run.py --tests DIR --update                                   rewrite the expectations
    tests/cpython/run.py --tests DIR --python python3.14 --save passed.txt      what CPython passes: the 100 %
    tests/cpython/run.py --tests DIR --against passed.txt                       compare with that

DIR holds CPython 3.14's package `test`; without --tests the environment variable SKEIN_CPYTHON_TESTS says where.

`expectations.txt` has a line for each test that does not pass yet: `test id  reason`. An id may also be that of a class or
a module whose tests cannot be run. A crash, a hang or a panic is never expected: it fails the run, and the run goes on
behind it. Exits with 1 if a test failed that is not expected to.
"""
import argparse
import os
import queue
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTATIONS = os.path.join(HERE, "expectations.txt")
RESTARTS = 40
FATAL = ("crash", "hang", "panic")


class Module:
    """One module's run: `outcomes` is id -> (word, detail); the first outcome of a test counts."""

    def __init__(self, name):
        self.name = name
        self.planned = []
        self.outcomes = {}
        self.problems = []  # (kind, id, text)
        self.seconds = 0.0

    def read(self, path):
        """The test that was running at the end of the file, and whether the module came to its end."""
        running, ended = None, False
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f:
                if not line.endswith("\n") or line.count("\t") != 2:
                    continue
                word, test, detail = line.rstrip("\n").split("\t")
                if word == "plan":
                    self.planned.append(test)
                elif word == "run":
                    running = test
                elif word == "end":
                    ended = True
                elif word != "note":
                    self.outcomes.setdefault(test, (word, detail))
                    if test == running:
                        running = None
        self.planned = list(dict.fromkeys(self.planned))
        return running, ended


def limits(megabytes):
    def apply():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return apply


def environment(options, folder):
    """Tests start the interpreter isolated and import `test` in it, which CPython has in its library. Elsewhere a folder is
    needed from which the interpreter finds it all the same: an executable with a `site-packages` that names the tests, and
    that holds what stands in for the C API. Gives the command to use."""
    command = options.command
    if subprocess.run([*command, "-I", "-c", "import test"], stderr=subprocess.DEVNULL).returncode == 0:
        return command
    home = os.path.join(folder, "home")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(os.path.join(home, "bin"))
    program = os.path.join(home, "bin", os.path.basename(command[0]))
    try:
        os.link(command[0], program)
    except OSError:
        shutil.copy2(command[0], program)
    command = [program, *command[1:]]
    ask = [*command, "-I", "-c", "import site; print(site.getsitepackages()[0])"]
    packages = subprocess.run(ask, stdout=subprocess.PIPE, text=True).stdout.strip()
    if not packages.startswith(home):
        return options.command
    os.makedirs(packages)
    with open(os.path.join(packages, "tests.pth"), "w") as f:
        f.write(f"{options.tests}\n{os.path.join(HERE, 'stand_in')}\n")
    return command


def wait(process, results, timeout, deadline):
    """Waits for the end; kills the process when it has written no result for `timeout` seconds. True if it was killed."""
    last, size = time.monotonic(), -1
    while True:
        try:
            process.wait(0.1)
            return False
        except subprocess.TimeoutExpired:
            pass
        now = time.monotonic()
        new = os.path.getsize(results) if os.path.exists(results) else 0
        if new != size:
            last, size = now, new
        if now - last > timeout or now > deadline:
            return True


def run_module(name, options, folder):
    module = Module(name)
    start = time.monotonic()
    results = os.path.join(folder, name + ".results")
    errors = os.path.join(folder, name + ".stderr")
    open(results, "w").close()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    known = 0
    for attempt in range(RESTARTS):
        work = tempfile.mkdtemp(dir=folder)
        command = [*options.command, os.path.join(HERE, "driver.py"), options.tests, name, results]
        with open(errors, "w") as err:
            process = subprocess.Popen(
                command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
                start_new_session=True, preexec_fn=limits(options.memory),
            )
            hung = wait(process, results, options.timeout, start + options.module_timeout)
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        with open(errors, encoding="utf-8", errors="replace") as f:
            said = f.read()
        running, ended = module.read(results)
        where = running or "test." + name
        last = (said.strip().splitlines() or [""])[-1]
        if "panicked at" in said:
            at = next(line for line in said.splitlines() if "panicked at" in line)
            module.problems.append(("panic", where, at.strip()[:200]))
        if ended:
            break
        if hung:
            kind, text = "hang", f"nothing for {options.timeout} s"
        elif process.returncode < 0:
            kind, text = "crash", f"signal {-process.returncode} {last[:160]}"
        elif running is None and not module.planned:
            # The driver itself could not be run to its end: an ordinary exception.
            kind, text = "fail", last[:160]
        else:
            kind, text = "crash", f"exit code {process.returncode} {last[:160]}"
        if kind in FATAL:
            module.problems.append((kind, where, text))
        with open(results, "a", encoding="utf-8") as f:
            f.write(f"fail\t{where}\t{kind}: {' '.join(text.split())}\n")
        module.read(results)
        if len(module.outcomes) == known + (running is None) or time.monotonic() > start + options.module_timeout:
            break  # no progress: what fails is the module itself
        known = len(module.outcomes)
    module.seconds = time.monotonic() - start
    return module


def read_expectations(path):
    """id -> reason."""
    expected = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    test, _, reason = line.rstrip("\n").partition("  ")
                    expected[test] = reason
    return expected


def covered(test, expected):
    """Whether the test, its class or its module is in the expectations."""
    while test:
        if test in expected:
            return True
        test = test.rpartition(".")[0]
    return False


def module_of(test):
    return ".".join(test.split(".")[:2])


def judge(modules, passed_by_cpython):
    """(passed, id -> reason of all that does not pass)."""
    passed, failing = set(), {}
    for module in modules:
        for test, (word, detail) in module.outcomes.items():
            if word in ("ok", "xfail"):
                passed.add(test)
            elif word == "fail":
                failing[test] = detail or "fails"
            elif passed_by_cpython is not None and test in passed_by_cpython:
                failing[test] = "skipped: " + detail
        for test in module.planned:
            if test not in module.outcomes and not covered(test, module.outcomes):
                failing[test] = "did not run"
    if passed_by_cpython is not None:
        names = {"test." + m.name for m in modules}
        for test in passed_by_cpython:
            if module_of(test) in names and test not in passed and not covered(test, failing):
                failing[test] = "not found"
        prefixes = {p for t in passed_by_cpython for p in (t, module_of(t), t.rpartition(".")[0])}
        failing = {t: r for t, r in failing.items() if t in prefixes}
    return passed, failing


def main():
    # Who starts us in the background has SIGINT ignored, and so would the tests of KeyboardInterrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tests", default=os.environ.get("SKEIN_CPYTHON_TESTS"), help="folder that holds CPython's package `test`")
    parser.add_argument("--python", default="target/release/skein", help="the interpreter under test; may have arguments")
    parser.add_argument("--modules", nargs="+", help="names of modules; default: those of --list")
    parser.add_argument("--list", default=os.path.join(HERE, "modules.txt"), help="a file with names of modules")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=120, help="seconds without a result after which a test hangs")
    parser.add_argument("--module-timeout", type=float, default=900, help="seconds for a module with all its restarts")
    parser.add_argument("--total", type=float, help="seconds after which no more modules are started")
    parser.add_argument("--memory", type=int, default=8192, help="megabytes of address space of each process")
    parser.add_argument("--build", default="build/judge", help="folder for logs")
    parser.add_argument("--expectations", default=EXPECTATIONS)
    parser.add_argument("--update", action="store_true", help="rewrite the expectations of the modules that ran")
    parser.add_argument("--retry", action="store_true", help="run modules with unexpected failures once more; only what fails twice counts")
    parser.add_argument("--save", help="write the ids of the tests that passed")
    parser.add_argument("--against", help="ids that CPython passes, made by --save: these are the 100 %%")
    parser.add_argument("--verbose", action="store_true", help="also list the expected failures")
    options = parser.parse_args()
    if not options.tests or not os.path.isdir(os.path.join(options.tests, "test")):
        parser.error("--tests must name a folder that holds CPython's package `test`")
    options.tests = os.path.abspath(options.tests)
    options.command = shlex.split(options.python)
    if os.path.exists(options.command[0]):
        options.command[0] = os.path.abspath(options.command[0])
    folder = os.path.abspath(options.build)
    os.makedirs(folder, exist_ok=True)
    options.command = environment(options, folder)

    names = options.modules
    if not names:
        with open(options.list) as f:
            names = f.read().split()
    todo, modules, skipped = queue.SimpleQueue(), [], []
    for name in names:
        todo.put(name)
    start = time.monotonic()
    lock = threading.Lock()

    def work():
        while True:
            try:
                name = todo.get_nowait()
            except queue.Empty:
                return
            if options.total and time.monotonic() - start > options.total:
                with lock:
                    skipped.append(name)
                continue
            module = run_module(name, options, folder)
            with lock:
                modules.append(module)
                words = [word for word, detail in module.outcomes.values()]
                ok = words.count("ok") + words.count("xfail")
                trouble = "".join(f"  {kind.upper()}" for kind, _, _ in module.problems)
                print(f"{name:28} {ok:5} ok {words.count('fail'):5} fail {words.count('skip'):5} skipped"
                      f" {module.seconds:7.1f} s{trouble}", flush=True)

    workers = [threading.Thread(target=work) for _ in range(options.jobs)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()

    if options.retry:
        # What fails in one run and passes in another hangs on the clock or on luck: it is reported, but does not count.
        expected = read_expectations(options.expectations)
        for i, module in enumerate(modules):
            doubtful = [t for t, (word, _) in module.outcomes.items() if word == "fail" and not covered(t, expected)]
            if not doubtful and not module.problems:
                continue
            again = run_module(module.name, options, folder)
            print(f"again {module.name}: {len(doubtful)} failed that are not expected to, {len(module.problems)} problems; "
                  f"now {len(again.problems)} problems", flush=True)
            for test in doubtful:
                if again.outcomes.get(test, ("",))[0] in ("ok", "xfail"):
                    print(f"UNSTABLE    {test}  {module.outcomes[test][1]}")
                    module.outcomes[test] = again.outcomes[test]
            module.problems = [p for p in module.problems if p[1] in {q[1] for q in again.problems}]

    against = None
    if options.against:
        with open(options.against) as f:
            against = set(f.read().split("\n")) - {""}
    passed, failing = judge(modules, against)
    expected = read_expectations(options.expectations)
    ran = {"test." + m.name for m in modules}
    problems = [p for m in modules for p in m.problems]
    fatal = {test for kind, test, text in problems}
    new = {t: r for t, r in failing.items() if not covered(t, expected) and t not in fatal}
    fixed = sorted(t for t in expected if t in passed)

    print()
    if options.verbose:
        for test in sorted(t for t in failing if t not in new):
            print(f"expected    {test}  {failing[test]}")
    for test in sorted(new):
        print(f"FAILS       {test}  {new[test]}")
    for test in fixed:
        print(f"passes now  {test}")
    for kind, test, text in sorted(problems):
        print(f"{kind.upper():11} {test}  {text}")
    if skipped:
        print(f"NOT RUN, the time was up: {' '.join(sorted(skipped))}")
    if against is not None:
        goal = {t for t in against if module_of(t) in ran}
        part = len(goal & passed)
        print(f"{part} of the {len(goal)} tests that CPython passes: {100 * part / max(1, len(goal)):.2f} %")
    print(f"{len(passed)} passed, {len(failing)} do not pass, {len(new)} of these are new; {len(fixed)} pass that were not "
          f"expected to; {len(problems)} crashes, hangs and panics; {time.monotonic() - start:.0f} s")

    if options.save:
        with open(options.save, "w", encoding="utf-8") as f:
            f.writelines(t + "\n" for t in sorted(passed))
    if options.update:
        kept = {t: r for t, r in expected.items() if module_of(t) not in ran}
        kept.update({t: r for t, r in failing.items() if t not in fatal})
        with open(options.expectations, "w", encoding="utf-8") as f:
            f.writelines(f"{t}  {kept[t]}\n" for t in sorted(kept))
        print(f"{options.expectations}: {len(kept)} lines")
        new = {}
    sys.exit(1 if new or problems else 0)


if __name__ == "__main__":
    main()
