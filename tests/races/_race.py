"""do_race: two things at once, many times; the interpreter must not crash, whatever they do to each other."""
import threading

ROUNDS = 200


def do_race(*actions, rounds=ROUNDS, allow=(Exception,)):
    """Each action in its own thread, `rounds` times, all released together. Exceptions are allowed, crashes are not."""
    barrier = threading.Barrier(len(actions))
    failures = []

    def run(action):
        for _ in range(rounds):
            barrier.wait()
            try:
                action()
            except allow:
                pass
            except BaseException as e:
                failures.append(e)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]
