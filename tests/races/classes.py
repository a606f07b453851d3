"""What abstract base classes remember of their subclasses while others are registered."""
import abc
from _race import do_race

# What was registered while another thread found that it is no subclass is one from then on.
for _ in range(200):
    class Base(abc.ABC): pass
    class Late: pass
    class Other: pass

    def ask():
        for _ in range(5): issubclass(Late, Base)

    def register():
        Base.register(Late)
        issubclass(Other, Base)

    do_race(ask, ask, register, lambda: issubclass(Other, Base), rounds=1, allow=())
    assert issubclass(Late, Base) and isinstance(Late(), Base)
    assert not issubclass(Other, Base)
