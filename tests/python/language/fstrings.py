"""f-strings and template strings."""
name, value, width = "Ada", 3.14159, 8
assert f"{name}" == "Ada" and f"{name!r}" == "'Ada'" and f"{'é'!a}" == "'\\xe9'" and f"{name!s:>5}" == "  Ada"
assert f"{value:.2f}|{value:{width}.{1 + 1}f}" == "3.14|    3.14" and f"{{}}" == "{}" and f"{width = }" == "width = 8"
assert f"{value=:.1f}" == "value=3.1" and f"{name=!s}" == "name=Ada"
assert f"{f"{name}"}" == "Ada" and f"{', '.join(str(i) for i in range(3))}" == "0, 1, 2"
assert f"{ {'a': 1}['a'] }" == "1" and f"{(lambda x: x * 2)(3)}" == "6" and f"a" "b" f"{1}" == "ab1"
assert f'''{
    1 + 1  # a comment
}''' == "2"
assert f"{1_000_000:,} {255:#x} {255:08b} {-5:+d} {0.5:%} {1e10:g}" == "1,000,000 0xff 11111111 -5 50.000000% 1e+10"
assert rf"\{1}n" == "\\1n" and f"\N{BULLET}" == "\u2022" and f"{'a' if 1 else 'b'}" == "a"
assert f"{[1, 2][0]:>{3}}" == "  1" and f"{None} {True}" == "None True" and f"{width!r:^5}" == "  8  "

t = t"x {name!r:>5} y {value:.1f}"
assert t.strings == ("x ", " y ", "") and [i.value for i in t.interpolations] == ["Ada", value]
assert t.interpolations[0].expression == "name" and t.interpolations[0].conversion == "r"
assert t.interpolations[1].format_spec == ".1f" and t.values == ("Ada", value)
