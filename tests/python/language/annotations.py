"""Lazily evaluated annotations, type parameters and aliases."""
import annotationlib


def f(a: int, *b: undefined, c: "text" = 1) -> Later:
    pass


try:
    f.__annotations__
except NameError as e:
    assert e.name == "undefined"
else:
    raise AssertionError
assert annotationlib.get_annotations(f, format=annotationlib.Format.STRING) == {
    "a": "int", "b": "undefined", "c": "text", "return": "Later"}
undefined = 5


class Later:
    x: Later
    y: int = 3


assert f.__annotations__ == {"a": int, "b": 5, "c": "text", "return": Later}
assert Later.__annotations__ == {"x": Later, "y": int}

type Alias[T] = list[T] | None
assert Alias.__name__ == "Alias" and Alias.__type_params__[0].__name__ == "T" and Alias[int].__args__ == (int,)
type Recursive = list[Recursive]
assert Recursive.__value__.__args__ == (Recursive,)


def generic[T: int, *Ts, **P](x: T) -> T:
    return x


assert [p.__name__ for p in generic.__type_params__] == ["T", "Ts", "P"] and generic.__type_params__[0].__bound__ is int
assert generic(3) == 3


class Box[T = str]:
    def get(self) -> T: ...


assert Box[int].__origin__ is Box and Box.__type_params__[0].__default__ is str
assert list[int].__args__ == (int,) and repr(dict[str, int]) == "dict[str, int]" and repr(int | None) == "int | None"
assert isinstance(1, int | str) and not isinstance(1.0, int | str)
