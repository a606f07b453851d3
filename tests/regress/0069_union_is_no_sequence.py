# A union with type variables has an item for every index; as it is no sequence, nobody looks for the last one.
import typing

A = typing.TypeVar("A")
for union in (int | str, int | list[A]):
    for use in (iter, list, tuple, enumerate, lambda u: [*u], lambda u: 1 in u, lambda u: max(u)):
        try:
            use(union)
        except TypeError:
            pass
        else:
            assert False, "it is iterable"
    assert not hasattr(union, "__iter__")
assert (int | list[A])[str] == int | list[str]
