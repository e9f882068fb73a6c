import copy
import dataclasses
import inspect
import itertools
import pytest
from stock import *
import stock


def test_enum():
    assert Color.RED.value == 1 and Color["BLUE"] is Color.BLUE
    assert list(Color) == [Color.RED, Color.BLUE]
    assert Color(2) == Color.BLUE
    assert isinstance(Color.RED, Color)


def test_dataclass():
    a, b = Item(1.5, "a"), Item(2.5, "b", ["x"])
    assert a < b and max([a, b]) is b or max([a, b]) == b
    assert a == Item(1.5, "zzz")
    assert repr(a) == "Item(price=1.5, name='a', tags=[])"
    assert dataclasses.asdict(b) == {"price": 2.5, "name": "b", "tags": ["x"]}
    assert [f.name for f in dataclasses.fields(Item)] == ["price", "name", "tags"]
    assert dataclasses.is_dataclass(Item)
    assert dataclasses.replace(a, price=9.0).price == 9.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        Frozen(1).x = 2
    a.tags.append("q")
    assert a.tags == ["q"] or True


def test_namedtuple():
    p = Pt(3, 4)
    assert p == (3, 4) and p.x == 3 and p.norm() == 25
    x, y = p
    assert p._asdict() == {"x": 3, "y": 4}
    assert p._replace(x=0) == (0, 4)
    assert isinstance(p, tuple)


def test_order():
    assert sorted([V(3), V(1)])[0].n == 1
    assert V(1) <= V(2) and V(3) != V(2)
    assert len({V(1), V(1), V(2)}) == 2
    assert V(1) != 1


def test_abc():
    with pytest.raises(TypeError):
        Shape()
    assert issubclass(Sq, Shape)
    s = Sq(3)
    assert s.area() == 9 and isinstance(s, Shape)
    s.side = 5
    assert s.side == 5
    with pytest.raises(ValueError):
        s.side = -1
    assert Sq.unit().area() == 1
    assert f"{s!r}" == "Sq(5)"
    with Sq(2) as t:
        raise KeyError
    assert t.side == 0
    assert inspect.isabstract(Shape)
    assert callable(s.area) and hasattr(s, "area") and not hasattr(s, "nope")


def test_subclass_in_test():
    class Circle(Shape):
        def area(self):
            return 3

    assert Circle().area() == 3


def test_exc():
    with pytest.raises(NotEnough) as e:
        take(5)
    assert e.value.need == 5 and e.value.have == 3
    assert str(e.value) == "need 5, have 3"


def test_gen():
    g = squares()
    assert next(g) == 0 and next(g) == 1
    assert g.send(5) == 25
    g.close()
    assert list(itertools.islice(squares(), 4)) == [0, 1, 4, 9]
    assert inspect.isgenerator(squares())
    assert inspect.isgeneratorfunction(squares)


def test_dispatch():
    assert kind(3) == "int" and kind("s") == "object"


def test_doc_sig():
    assert list(inspect.signature(take).parameters) == ["n"]
    assert stock.take.__name__ == "take"


def test_copy():
    s = Sq(4)
    c = copy.deepcopy(s)
    c.side = 1
    assert s.side == 4 and c is not s
