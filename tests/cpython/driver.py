"""Run by the interpreter under test: one module of CPython's test package, result by result.

usage: driver.py TESTS MODULE RESULTS

TESTS is the folder that holds the package `test`. Every line appended to RESULTS is `word<tab>test id<tab>detail`, written
at once: `plan` for each test found, `run` when one starts, then its outcome: ok, skip, xfail, fail. Tests that have an
outcome in RESULTS already are not run again: the runner starts this script anew after a crash.
"""
import os
import sys
import unittest


class Results(unittest.TestResult):
    def __init__(self, path):
        super().__init__()
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.bad = None

    def line(self, word, test, detail=""):
        if not isinstance(test, str):
            test = test.id()
        fields = [word, test, str(detail)[:160]]
        text = "\t".join(" ".join(f.split()) for f in fields) + "\n"
        os.write(self.file, text.encode("utf-8", "backslashreplace"))

    def startTest(self, test):
        super().startTest(test)
        self.bad = None
        self.line("run", test)

    def fault(self, test, err):
        kind, value, _ = err
        try:
            lines = f"{kind.__name__}: {value}".strip().splitlines()
        except Exception:
            lines = [kind.__name__]
        detail = lines[0]
        if kind is AssertionError and detail.startswith("AssertionError: Failed doctest"):
            detail = "doctest"
        if isinstance(test, unittest.suite._ErrorHolder):
            # A fixture: "setUpClass (test.test_x.Class)" stands for all the tests of the class or module.
            name = test.id()
            self.line("fail", name[name.find("(") + 1 :].rstrip(")"), detail)
        elif isinstance(test, unittest.loader._FailedTest):
            self.line("fail", "test." + test.id().rpartition(".")[2], lines[-1].strip())
        else:
            self.bad = detail

    def addError(self, test, err):
        self.fault(test, err)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.fault(test, err)

    def addSkip(self, test, reason):
        if isinstance(test, unittest.suite._ErrorHolder):
            name = test.id()
            self.line("skip", name[name.find("(") + 1 :].rstrip(")"), reason)
        elif not isinstance(test, unittest.case._SubTest):
            self.line("skip", test, reason)

    def addExpectedFailure(self, test, err):
        self.line("xfail", test)

    def addUnexpectedSuccess(self, test):
        self.bad = "unexpected success"

    def addSuccess(self, test):
        pass

    def stopTest(self, test):
        super().stopTest(test)
        if isinstance(test, unittest.loader._FailedTest):
            return
        # A skip or an expected failure has written its line; the first outcome of a test counts.
        self.line("fail" if self.bad else "ok", test, self.bad or "")


def flatten(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from flatten(each)
        elif each is not None:
            yield each


def main():
    tests, module, path = sys.argv[1:4]
    sys.path.insert(0, tests)
    sys.argv[1:] = []
    done = set()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                fields = line.rstrip("\n").split("\t")
                if fields[0] not in ("plan", "run"):
                    done.add(fields[1])
    results = Results(path)
    try:
        from test import support

        support.use_resources = {}  # no network, no huge files, nothing that takes minutes
    except Exception as e:
        results.line("note", "test.support", f"{type(e).__name__}: {e}")
    found = list(flatten(unittest.defaultTestLoader.loadTestsFromName("test." + module)))
    if not done:
        for test in found:
            if not isinstance(test, unittest.loader._FailedTest):
                results.line("plan", test)
    unittest.TestSuite(t for t in found if t.id() not in done)(results)
    results.line("end", module)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that a test has left behind are no reason to wait.
    os._exit(0)


if __name__ == "__main__":
    main()
