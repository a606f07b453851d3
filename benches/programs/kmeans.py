"""Clusters of points: rounds of a team that meets at a barrier, over shared points."""
import threading

from _harness import Lcg, main, mix, team

CLUSTERS = 12
ROUNDS = 8
PARTS = 32


def points(size):
    # Whole coordinates, so that sums do not depend on the order.
    numbers = Lcg(5)
    out = []
    for i in range(size):
        c = i % CLUSTERS
        out.append((c % 4 * 3000 + numbers.below(2500), c // 4 * 4000 + numbers.below(2500)))
    return out


def assign(points, centres):
    """Sum of x, sum of y and number of the points nearest to each centre; the sum of all squared distances."""
    sums = [[0, 0, 0] for _ in centres]
    spread = 0
    for x, y in points:
        best = None
        for i, (cx, cy) in enumerate(centres):
            d = (x - cx) * (x - cx) + (y - cy) * (y - cy)
            if best is None or d < best:
                best = d
                nearest = i
        entry = sums[nearest]
        entry[0] += x
        entry[1] += y
        entry[2] += 1
        spread += best
    return sums, spread


class State:
    def __init__(self, threads, size):
        self.points = points(size)
        self.centres = self.points[:CLUSTERS]
        self.parts = [None] * PARTS
        self.spreads = []
        self.barrier = threading.Barrier(threads, action=self.step)

    def step(self):
        """Run by one thread while all others wait: the next centres."""
        centres = []
        for i in range(len(self.centres)):
            x = sum(sums[i][0] for sums, spread in self.parts)
            y = sum(sums[i][1] for sums, spread in self.parts)
            n = sum(sums[i][2] for sums, spread in self.parts)
            centres.append((x // n, y // n) if n else self.centres[i])
        self.centres = centres
        self.spreads.append(sum(spread for sums, spread in self.parts))


def member(i, threads, state):
    for _ in range(ROUNDS):
        centres = state.centres
        for part in range(i, PARTS, threads):
            state.parts[part] = assign(state.points[part::PARTS], centres)
        state.barrier.wait()


def work(threads, size):
    state = State(threads, max(size, CLUSTERS))
    team(threads, member, threads, state)
    return state


def check(size, state):
    assert len(state.spreads) == ROUNDS
    for before, after in zip(state.spreads, state.spreads[1:]):
        # Centres are rounded down: less than 2 for each point is lost by that.
        assert after <= before + 2 * len(state.points), "every round improves"
    checksum = 0
    for x, y in sorted(state.centres):
        checksum = mix(mix(checksum, x), y)
    return mix(checksum, state.spreads[-1])


if __name__ == "__main__":
    main(work, check, 12_000)
