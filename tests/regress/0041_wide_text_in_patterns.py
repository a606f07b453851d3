"""Patterns search strings of two-byte and four-byte characters in place: positions count characters."""
import re

TWO, FOUR = "日本語 Éé", "日本語𝒳 Éé"
assert re.findall("本.", TWO * 2) == ["本語"] * 2
assert re.search("(?<=𝒳) ", FOUR).span() == (4, 5)
assert re.findall(".", "a𝒳é本") == ["a", "𝒳", "é", "本"]
assert re.findall("(?i)é", FOUR) == ["É", "é"]
assert re.split("本", FOUR) == ["日", "語𝒳 Éé"]
assert re.sub("(語)(.)", r"\2\1", FOUR) == "日本𝒳語 Éé"
assert re.match(r"(\w)\w+\s\w+$", TWO).end() == len(TWO)
assert re.fullmatch(r"(?:(本)|\w)+", "日本本𝒳日").group(1) == "本"
assert re.search(r"(本)\1", "日本本").span() == (1, 3)
assert [m.start() for m in re.finditer(r"\b", "𝒳 本")] == [0, 1, 2, 3]
assert re.compile("x").search("日" * 1000 + "x", 999).start() == 1000
assert re.match("\ufb05", "\ufb06", re.I)
