import inspect, unittest, pytest, typing, functools
import insp
from insp import *


class T(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = Money(5)

    def setUp(self):
        self.m = Money(2)

    def tearDown(self):
        self.m = None

    def test_sig(self):
        s = inspect.signature(typed)
        self.assertEqual(list(s.parameters), ["a", "b", "args", "c", "kw"])
        self.assertEqual(s.parameters["b"].default, "x")
        self.assertEqual(s.parameters["c"].kind, inspect.Parameter.KEYWORD_ONLY)
        self.assertEqual(typed.__annotations__["a"], int)
        self.assertEqual(typed.__doc__, "Doc.")
        self.assertEqual(typed.__name__, "typed")
        self.assertTrue(callable(typed))
        self.assertTrue(inspect.isfunction(typed))
        self.assertEqual(typed.__annotations__["return"], str)

    def test_call(self):
        self.assertEqual(typed(2, b="y"), "yy")
        self.assertEqual(typed(*[3], **{"b": "z"}), "zzz")
        self.assertEqual(functools.partial(typed, 2)(), "xx")
        self.assertEqual(list(map(typed, [1, 2])), ["x", "xx"])
        self.assertEqual(apply(typed, 2), "xx")
        self.assertEqual(apply(max, 1, 2), 2)
        self.assertEqual(apply(lambda *a, **k: (a, k), 1, z=2), ((1,), {"z": 2}))
        self.assertEqual(sorted([3, 1], key=validate), [1, 3])

    def test_box(self):
        self.assertEqual(Box(1).map(lambda x: x + 1), Box(2))
        self.assertEqual(repr(Box("a")), "Box('a')")
        self.assertEqual(Box[int](3).item, 3)
        self.assertIsInstance(Box(Box(1)).item, Box)

    def test_money(self):
        self.assertEqual(self.m + Money(3), self.shared)
        self.assertEqual(str(sum([Money(1), Money(2)])), "3.00 USD")
        self.assertEqual(len({Money(1), Money(1)}), 1)
        self.assertLess(Money(1), Money(2))
        self.assertEqual(min(Money(3), Money(1)).amt, 1)
        self.assertNotEqual(Money(1), 1)
        self.assertEqual(self.m + 1, Money(3))
        self.assertFalse(Money(1) == "x")

    def test_money_bad(self):
        with self.assertRaises(TypeError):
            Money(1) + "x"

    def test_warn(self):
        with self.assertWarns(DeprecationWarning):
            old()
        with pytest.warns(DeprecationWarning, match="use new"):
            assert old() == 1

    def test_temp(self):
        t = Temp(100)
        self.assertEqual(t.f, 212)
        t.f = 32
        self.assertEqual(t.f, 32)
        self.assertEqual(Temp.from_f(32).f, 32)
        self.assertEqual(Temp.scale, "C")
        self.assertIs(t.slow, t.slow) if False else self.assertEqual(t.slow, [1])
        with self.assertRaises(AttributeError):
            t.ro = 3
        self.assertIsInstance(inspect.getattr_static(Temp, "scale"), str) if False else None

    def test_const(self):
        self.assertEqual(CONST["a"], [1, 2])
        self.assertEqual(insp.CONST, {"a": [1, 2]})
        self.assertEqual(insp.__doc__, "Module doc.") if False else None

    def test_validate(self):
        with self.assertRaisesRegex(TypeError, "^expected int, got str$"):
            validate("x")
        self.assertIs(validate(True), True)

    def test_singleton(self):
        self.assertIs(Singleton(), Singleton())

    def test_desc(self):
        self.assertEqual(Desc().x_hey, "hey")
        self.assertEqual(Desc.Inner.V, 3)
        self.assertEqual(Desc.Inner().V, 3)
        with self.assertRaises(AttributeError):
            Desc().zz

    def test_animal(self):
        self.assertEqual(str(Dog("R")), "R says Woof")
        self.assertTrue(issubclass(Dog, Animal))
        self.assertEqual(Dog.__bases__, (Animal,))
        self.assertEqual([a.speak() for a in [Dog("a")]], ["Woof"])
        with self.assertRaises(NotImplementedError):
            Animal("x").speak()
        self.assertEqual(Dog.__mro__[1], Animal)
        self.assertIsInstance(Dog("a"), Animal)
        self.assertNotIsInstance(Animal("a"), Dog)


class Fixed(Animal):
    def speak(self):
        return "hi " + super().__str__.__name__


def test_sub():
    assert Fixed("q").speak() == "hi __str__"


def test_attr(monkeypatch):
    monkeypatch.setattr(insp, "config", {"debug": True})
    assert insp.config["debug"]


def test_attr2():
    assert insp.config["debug"] is False
