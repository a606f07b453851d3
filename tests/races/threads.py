"""Start and exit of threads under load."""
import threading

from _race import do_race

l = []
local = threading.local()


def spawn():
    def work():
        local.x = [object()]
        l.append(local.x)
    ts = [threading.Thread(target=work) for _ in range(3)]
    for t in ts: t.start()
    for t in ts: t.join()


do_race(spawn, spawn, rounds=40)
do_race(spawn, l.clear, threading.enumerate, rounds=40)
lock = threading.Lock()
do_race(lambda: lock.acquire(timeout=0.0001), lambda: lock.release(), lambda: lock.locked())
cond = threading.Condition()


def wait():
    with cond: cond.wait(0.001)


def wake():
    with cond: cond.notify_all()


do_race(wait, wait, wake, rounds=50)
import importlib
import sys


def again():
    sys.modules.pop("colorsys", None)
    importlib.import_module("colorsys")


do_race(again, again, rounds=30)
