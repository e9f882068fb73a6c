import pytest, dataclasses
from point import *
from point import P3
from collections import Counter, deque


def test_nt():
    p = find(1)
    assert p == (1, 2)
    assert p.x == 1 and p.y == 2
    assert p == Point(1, 2)
    assert isinstance(p, Point)
    assert isinstance(p, tuple)
    x, y = p
    assert p._asdict() == {"x": 1, "y": 2}
    assert p._replace(x=5) == (5, 2)
    assert repr(p) == "Point(x=1, y=2)"
    assert p[0] == 1 and len(p) == 2
    assert Point._fields == ("x", "y")
    assert Point._make([1, 2]) == p


def test_p3():
    assert P3(1, 2).norm() == 3
    assert P3(1, 2, 3).z == 3
    assert P3(1, 2) == (1, 2, 0)


def test_dc():
    i = Item("a", 2.0)
    assert i == Item("a", 2.0)
    assert i != Item("b")
    assert i.total(3) == 6
    assert dataclasses.asdict(i) == {"name": "a", "price": 2.0, "tags": []}
    assert repr(i) == "Item(name='a', price=2.0, tags=[])"
    assert Item("a") < Item("b")
    assert dataclasses.is_dataclass(i)
    assert [f.name for f in dataclasses.fields(Item)] == ["name", "price", "tags"]
    i.price = 9
    assert i.price == 9
    assert dataclasses.replace(i, name="z").name == "z"
    assert vars(i) == {"name": "a", "price": 9, "tags": []}
    with pytest.raises(TypeError):
        Item()
    match i:
        case Item(name=n):
            assert n == "a"


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Fz(1).a = 2
    assert {Fz(1): 2}[Fz(1)] == 2


def test_coll():
    assert word_count("a b a") == {"a": 2, "b": 1}
    assert isinstance(word_count("a"), Counter)
    assert group([1, 2, 3]) == {1: [1, 3], 0: [2]}
    assert od() == {"a": 1}
    assert dq() == deque([1, 2])
    assert keys() == {"a"}
    assert list(keys()) == ["a"]
    assert word_count("a a b").most_common(1) == [("a", 2)]
