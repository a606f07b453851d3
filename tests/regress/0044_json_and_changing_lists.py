"""A list that an encoder's function changes is read as it is at each step."""
import json

a = [object()] * 10


def shorten(obj):
    del a[-1]


assert json.dumps(a, default=shorten) == "[null, null, null, null, null]"
assert json.dumps({b"skipped": 1}, skipkeys=True, indent=4) == "{}"
try:
    json.dumps([1, [2, json]])
except TypeError as e:
    assert e.__notes__ == ["when serializing list item 1", "when serializing list item 1"], e.__notes__
try:
    json.dumps(json)
except TypeError as e:
    assert not hasattr(e, "__notes__")
