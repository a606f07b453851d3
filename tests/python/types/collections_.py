"""Everyday modules: collections, itertools, heapq, bisect, dataclasses, enum, json, re, copy, string, io."""
import bisect, collections, contextlib, copy, dataclasses, enum, heapq, io, itertools, json, operator, re, string, struct

c = collections.Counter("banana")
assert c.most_common(1) == [("a", 3)] and c["z"] == 0 and c + c == collections.Counter(a=6, n=4, b=2)
d = collections.defaultdict(list)
d["x"].append(1)
assert d == {"x": [1]}
q = collections.deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
q.rotate(1)
assert list(q) == [3, 0, 2] and q.pop() == 2 and q.popleft() == 3
P = collections.namedtuple("P", "x y", defaults=[5])
p = P(1)
assert p == (1, 5) and p.x == 1 and p._replace(x=2) == P(2) and repr(p) == "P(x=1, y=5)" and p._asdict() == {"x": 1, "y": 5}
o = collections.OrderedDict(a=1, b=2)
o.move_to_end("a")
assert list(o) == ["b", "a"] and collections.ChainMap({"a": 1}, {"a": 2, "b": 3})["b"] == 3
i = itertools
assert list(i.chain([1], "a")) == [1, "a"] and list(i.islice(i.count(3, 2), 3)) == [3, 5, 7] and list(i.product("ab", repeat=2))[2] == ("b", "a")
assert list(i.permutations([1, 2, 3], 2))[:2] == [(1, 2), (1, 3)] and list(i.combinations("abc", 2)) == [("a", "b"), ("a", "c"), ("b", "c")]
assert [(k, list(g)) for k, g in i.groupby("aab")] == [("a", ["a", "a"]), ("b", ["b"])] and list(i.accumulate([1, 2, 3])) == [1, 3, 6]
assert list(i.zip_longest("a", "bc", fillvalue="-")) == [("a", "b"), ("-", "c")] and list(i.pairwise([1, 2, 3])) == [(1, 2), (2, 3)]
assert list(i.batched("abc", 2)) == [("a", "b"), ("c",)] and list(i.takewhile(lambda x: x < 3, [1, 3, 2])) == [1] and list(i.starmap(pow, [(2, 3)])) == [8]
a, b = i.tee([1, 2])
assert next(a) == 1 and list(b) == [1, 2] and list(a) == [2] and list(i.compress("abc", [1, 0, 1])) == ["a", "c"]
h = [5, 1, 4]
heapq.heapify(h)
heapq.heappush(h, 0)
assert [heapq.heappop(h) for _ in range(4)] == [0, 1, 4, 5] and heapq.nlargest(2, [1, 9, 5]) == [9, 5] and bisect.bisect([1, 3, 3], 3) == 3


@dataclasses.dataclass(order=True)
class Item:
    name: str
    price: float = 0.0
    tags: list = dataclasses.field(default_factory=list, compare=False)


assert repr(Item("a", 1.5)) == "Item(name='a', price=1.5, tags=[])" and Item("a") < Item("b") and dataclasses.asdict(Item("x")) == {"name": "x", "price": 0.0, "tags": []}
assert dataclasses.replace(Item("a"), price=2).price == 2


@dataclasses.dataclass(frozen=True, slots=True)
class F:
    n: int


assert hash(F(1)) == hash(F(1))
try:
    F(1).n = 2
except dataclasses.FrozenInstanceError:
    pass
else:
    raise AssertionError


class Colour(enum.Enum):
    RED = 1
    BLUE = enum.auto()


assert Colour.RED is Colour(1) is Colour["RED"] and Colour.BLUE.value == 2 and repr(Colour.RED) == "<Colour.RED: 1>" and len(Colour) == 2
Flag = enum.Flag("Flag", "A B")
assert Flag.A in Flag.A | Flag.B and enum.IntEnum("N", "ONE").ONE == 1
text = json.dumps({"a": [1, 2.5, None, True, "é\n"], "b": {}}, sort_keys=True)
assert text == '{"a": [1, 2.5, null, true, "\\u00e9\\n"], "b": {}}' and json.loads(text) == {"a": [1, 2.5, None, True, "é\n"], "b": {}}
assert json.dumps([1, {"a": 2}], indent=2) == '[\n  1,\n  {\n    "a": 2\n  }\n]'
try:
    json.loads("[1,]")
except json.JSONDecodeError as e:
    assert str(e) == "Illegal trailing comma before end of array: line 1 column 3 (char 2)", str(e)
m = re.match(r"(?P<y>\d{4})-(\d\d)", "2026-11-20")
assert m["y"] == "2026" and m.groups() == ("2026", "11") and m.span(2) == (5, 7) and re.sub(r"(\w)(\d)", r"\2\1", "a1 b2") == "1a 2b"
assert re.findall(r"a|b+", "abba") == ["a", "bb", "a"] and re.split(r"[,;]\s*", "a, b;c") == ["a", "b", "c"] and re.fullmatch("a.c", "a\nc", re.S)
assert re.compile(r"(?<=x)y(?!z)", re.I).search("XY").start() == 1 and [x.group() for x in re.finditer(r"\b\w", "ab cd")] == ["a", "c"]
n = [[1], (2, [3])]
deep = copy.deepcopy(n)
assert deep == n and deep[1][1] is not n[1][1] and copy.copy(n)[0] is n[0] and string.Template("$a-${b}").substitute(a=1, b=2) == "1-2"
assert struct.pack("<IhB", 1, -2, 3) == b"\x01\0\0\0\xfe\xff\x03" and struct.unpack(">Hd", struct.pack(">Hd", 7, 0.5)) == (7, 0.5)
f = io.StringIO("one\ntwo\n")
assert f.readline() == "one\n" and list(f) == ["two\n"] and io.BytesIO(b"ab").read(1) == b"a"


@contextlib.contextmanager
def managed(log):
    log.append("in")
    try:
        yield 5
    finally:
        log.append("out")


log = []
with contextlib.suppress(ZeroDivisionError), managed(log) as v:
    log.append(v)
    1 / 0
assert log == ["in", 5, "out"]
with contextlib.ExitStack() as stack:
    stack.callback(log.append, "late")
    stack.enter_context(managed(log))
assert log[3:] == ["in", "out", "late"] and operator.itemgetter(1, 0)("ab") == ("b", "a") and operator.attrgetter("real")(3) == 3
