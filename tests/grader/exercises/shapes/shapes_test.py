import unittest, copy
from shapes import *


class Tri(Shape):
    def __init__(self, b, h):
        super().__init__("tri")
        self.b = b
        self.h = h

    def area(self):
        return self.b * self.h / 2

    @property
    def half(self):
        return self.b / 2


class T(unittest.TestCase):
    def test_abstract(self):
        with self.assertRaises(TypeError):
            Shape("x")

    def test_sub(self):
        t = Tri(4, 5)
        self.assertEqual(t.area(), 10)
        self.assertEqual(t.describe(), "tri with area 10.0")
        self.assertIsInstance(t, Shape)
        self.assertEqual(total([t, Square(2)]), 14)
        self.assertEqual(t.half, 2)

    def test_incomplete(self):
        class Bad(Shape):
            pass

        with self.assertRaises(TypeError):
            Bad("q")

    def test_prop(self):
        s = Square(2)
        self.assertEqual(s.label, "Square")
        s.label = "zz"
        self.assertEqual(s.name, "zz")
        with self.assertRaises(ValueError):
            s.label = ""

    def test_cm(self):
        self.assertEqual(Square.make(3).area(), 9)
        self.assertEqual(Square.unit(), "cm")
        self.assertTrue(issubclass(Square, Shape))
        self.assertEqual(type(Square(1)), Square)
        self.assertIs(type(Square(1)), Square)
        self.assertEqual(Square(1).__class__.__name__, "Square")

    def test_cont(self):
        s = Square(3)
        self.assertEqual(len(s), 4)
        self.assertEqual(s[0], 3)
        self.assertEqual(s[1:2], [3] * 4)
        self.assertEqual(list(s), [3] * 4)
        self.assertEqual(s(2), 6)
        self.assertTrue(3 in s)
        self.assertFalse(4 in s)
        self.assertTrue(s)
        self.assertFalse(Square(0))
        s[0] = 7
        self.assertEqual(s.s, 7)
        del s[0]
        self.assertEqual(s.s, 0)
        s += 5
        self.assertEqual(s.s, 5)
        self.assertEqual(s @ 1, "mm")
        self.assertEqual(f"{s:abc}", "<abc>")
        self.assertEqual(int(s), 5)
        self.assertEqual(sum(s), 20)
        self.assertEqual(max(Square(1), Square(2)).s, 2)
        a, *b = s
        self.assertEqual(a, 5)

    def test_with(self):
        s = Square(1)
        with s as q:
            self.assertIs(q, s)
            self.assertTrue(q.entered)
        self.assertIsNone(s.seen)
        with s:
            raise KeyError("x")
        self.assertIs(s.seen, KeyError)
        with self.assertRaises(ValueError):
            with s:
                raise ValueError("y")

    def test_count(self):
        n = Shape.count
        Square(1)
        self.assertEqual(Shape.count, n + 1)

    def test_dict(self):
        self.assertEqual(Square(2).__dict__, {"name": "square", "s": 2})
        self.assertEqual(vars(Square(2))["s"], 2)
        self.assertIn("area", dir(Square(1)))

    def test_copy(self):
        a = Square(2)
        b = copy.deepcopy(a)
        b.s = 5
        self.assertEqual(a.s, 2)
        c = copy.copy(a)
        self.assertIsNot(c, a)

    def test_slots(self):
        with self.assertRaises(AttributeError):
            Slots().zz = 1

    def test_bound(self):
        f = Square(3).area
        self.assertEqual(f(), 9)
        self.assertEqual(list(map(Square.area, [Square(2)])), [4])
        self.assertEqual(sorted([Square(2), Square(1)], key=lambda s: s.area())[0].s, 1)

    def test_getattr(self):
        self.assertEqual(getattr(Square(2), "zz", 5), 5)
        setattr(x := Square(1), "new", [1])
        self.assertEqual(x.new, [1])
        delattr(x, "new")
        self.assertFalse(hasattr(x, "new"))
        with self.assertRaisesRegex(AttributeError, "zz"):
            x.zz
