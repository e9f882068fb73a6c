import io
from mut import *

xs = [3, 1, 2]
sort_in_place(xs)
assert xs == [1, 2, 3]
d = {}
r = add_all(d, [("a", 1)])
assert r is d and d == {"a": 1}
assert append([1], 2) == [1, 2]
m = [[1, 2], [3, 4]]
row = m[0]
nested(m)
assert m == [[1, 99], [3, 4]]
assert row == [1, 99]
s = {1, 2}
rem(s, 1)
assert s == {2}
assert same(xs) is xs
a, b = [1], [2]
swap(a, b)
assert a == [2] and b == [1]
y = []
try:
    bad(y)
except ValueError as e:
    msg = str(e)
assert y == [1] and msg == "after"
o = []
kw(out=o)
assert o == [3]
rows = [{"a": 1}, {"a": 2}]
first = rows[0]
upd(rows)
assert first == {"a": 1, "t": 1}
assert Inv([1]).add(2).items == [1, 2]
i = Inv([])
assert i.add(1) is i
assert default(1) == [1] and default(2) == [2]
f = io.StringIO()
write(f)
assert f.getvalue() == "hellox\n"
