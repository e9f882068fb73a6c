import json, unittest, collections.abc as abc
from subclasses import *


class T(unittest.TestCase):
    def test_stack(self):
        s = Stack([1])
        s.push(2).push(3)
        self.assertEqual(s, [1, 2, 3])
        self.assertEqual(len(s), 3)
        self.assertEqual(s.peek(), 3)
        self.assertEqual(s.pop(), 3)
        self.assertEqual(list(s), [1, 2])
        self.assertEqual(s[-1], 2)
        self.assertIn(1, s)
        self.assertTrue(s)
        self.assertNotEqual(s, [1])
        self.assertEqual([1, 2], s)

    def test_conf(self):
        c = Conf(a=1)
        self.assertEqual(c.a, 1)
        self.assertEqual(c, {"a": 1})
        c["b"] = 2
        self.assertEqual(sorted(c), ["a", "b"])
        self.assertEqual(dict(c), {"a": 1, "b": 2})
        self.assertEqual(c.get("zz", 3), 3)
        self.assertEqual(list(c.items())[0], ("a", 1))

    def test_temp(self):
        self.assertEqual(Temp(100).f(), 212)
        self.assertAlmostEqual(Temp(1.5), 1.5)

    def test_name(self):
        self.assertEqual(Name("a"), "a")
        self.assertEqual(Name("a").shout(), "A!")
        self.assertEqual(Name("ab")[0], "a")

    def test_bag(self):
        b = Bag([1, 2])
        self.assertEqual(b.both(), 4)
        self.assertEqual(b, {1, 2})
        self.assertIn(1, b)
        b.add(3)
        self.assertEqual(len(b), 3)
        self.assertEqual(b | {9}, {1, 2, 3, 9})

    def test_inv(self):
        i = Inv(a=1)
        i["b"] = 2
        self.assertEqual(i.total(), 3)
        self.assertEqual(i["b"], 2)
        self.assertEqual(dict(i), {"a": 1, "b": 2})
        self.assertIn("a", i)
        self.assertEqual(len(i), 2)

    def test_ro(self):
        r = Ro({"a": 1})
        self.assertEqual(r["a"], 1)
        self.assertEqual(list(r.keys()), ["a"])
        self.assertIsInstance(r, abc.Mapping)
        self.assertEqual(r.get("q"), None)
        self.assertEqual({**r}, {"a": 1})

    def test_cd(self):
        self.assertEqual(list(Countdown(3)), [3, 2, 1])
        self.assertEqual(sum(Countdown(3)), 6)
        it = iter(Countdown(1))
        self.assertEqual(next(it), 1)
        self.assertRaises(StopIteration, next, it)
        self.assertIsInstance(Countdown(1), abc.Iterator)
        self.assertEqual([a for a, b in zip(Countdown(9), range(2))], [9, 8])

    def test_node(self):
        self.assertEqual(list(Node(1, Node(2))), [1, 2])
        self.assertEqual(Node(1, Node(2)).nxt.v, 2)
        self.assertCountEqual(Node(1, Node(2)), [2, 1])
        self.assertEqual(tuple(Node(1)), (1,))
        self.assertEqual(" ".join(map(str, Node(1, Node(2)))), "1 2")

    def test_cn(self):
        self.assertEqual(Cn("aab")["a"], 2)
        self.assertEqual(Cn("aab"), {"a": 2, "b": 1})
