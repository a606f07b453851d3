"""An ensemble of solar systems: attributes of small objects, float arithmetic."""
import math

from _harness import main, pool

PI = 3.141592653589793
SOLAR = 4 * PI * PI
DAYS = 365.24
SYSTEMS = 16
STEP = 0.001


class Body:
    __slots__ = ("x", "y", "z", "vx", "vy", "vz", "mass")

    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz = vx * DAYS, vy * DAYS, vz * DAYS
        self.mass = mass * SOLAR


def system(n):
    """A sun and four giants; system n has its own mass of the first."""
    bodies = [
        Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        Body(4.841, -1.160, -0.1036, 0.00166, 0.00769, -0.000069, 0.000954 * (1 + n / 16)),
        Body(8.343, 4.124, -0.4035, -0.00276, 0.00499, 0.000023, 0.000285),
        Body(12.894, -15.111, -0.2233, 0.00296, 0.00237, -0.0000296, 0.0000436),
        Body(15.379, -25.919, 0.1792, 0.00268, 0.00162, -0.0000951, 0.0000515),
    ]
    sun = bodies[0]
    sun.vx = -sum(b.vx * b.mass for b in bodies) / SOLAR
    sun.vy = -sum(b.vy * b.mass for b in bodies) / SOLAR
    sun.vz = -sum(b.vz * b.mass for b in bodies) / SOLAR
    return bodies


def advance(bodies, pairs, steps):
    for _ in range(steps):
        for a, b in pairs:
            dx = a.x - b.x
            dy = a.y - b.y
            dz = a.z - b.z
            square = dx * dx + dy * dy + dz * dz
            pull = STEP / (square * math.sqrt(square))
            mass = b.mass * pull
            a.vx -= dx * mass
            a.vy -= dy * mass
            a.vz -= dz * mass
            mass = a.mass * pull
            b.vx += dx * mass
            b.vy += dy * mass
            b.vz += dz * mass
        for b in bodies:
            b.x += STEP * b.vx
            b.y += STEP * b.vy
            b.z += STEP * b.vz


def energy(bodies, pairs):
    total = sum(0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz) for b in bodies)
    for a, b in pairs:
        dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
        total -= a.mass * b.mass / math.sqrt(dx * dx + dy * dy + dz * dz)
    return total


def simulate(n, size):
    bodies = system(n)
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
    before = energy(bodies, pairs)
    advance(bodies, pairs, size)
    return before, energy(bodies, pairs), sum(b.mass * b.vx for b in bodies)


def work(threads, size):
    return pool(threads, SYSTEMS, simulate, size)


def check(size, results):
    for before, after, momentum in results:
        assert abs(after - before) < 1e-4 * abs(before), "energy is conserved"
        assert abs(momentum) < 1e-9, "momentum is conserved"
    return sum(round(after * 1e9) for before, after, momentum in results)


if __name__ == "__main__":
    main(work, check, 1000)
