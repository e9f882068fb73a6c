import unittest, types
from unittest.mock import Mock, MagicMock
from dataclasses import dataclass
from collections import namedtuple
from slugs import *


@dataclass
class Person:
    name: str
    age: int


P = namedtuple("P", "name age")


class FakeRepo:
    def __init__(self):
        self.d = {}
        self.calls = []

    def put(self, k, v, at):
        self.d[k] = v
        self.calls.append((k, at))

    def get(self, k):
        return self.d[k]


class Sq:
    def area(self):
        return 4


class T(unittest.TestCase):
    def test_rates(self):
        self.assertEqual(Rates().convert(2, "EUR"), 2.2)
        self.assertEqual(Rates(lambda c: 3).batch([{"amt": 1, "cur": "x"}]), [3])
        f = Mock(return_value=2)
        self.assertEqual(Rates(f).convert(1, "q"), 2)
        f.assert_called_once_with("q")

    def test_queue(self):
        q = Queue()
        got = []

        @q.on("a")
        def h(x):
            got.append(x)
            return x * 2

        self.assertEqual(q.emit("a", 3), [6])
        self.assertEqual(got, [3])
        self.assertEqual(h(1), 2)
        q.on("b")(got.append)
        q.emit("b", 9)
        self.assertEqual(got[-1], 9)

    def test_service(self):
        r = FakeRepo()
        s = Service(r, lambda: 7)
        self.assertEqual(s.save("k", [1]), [1])
        self.assertEqual(r.calls, [("k", 7)])
        m = MagicMock()
        m.get.return_value = 5
        self.assertEqual(Service(m, Mock(return_value=1)).save("a", 2), 5)
        m.put.assert_called_once_with("a", 2, at=1)

    def test_objs(self):
        self.assertEqual(greet(Person("A", 3)), "Hi A, 3")
        self.assertEqual(greet(P("B", 4)), "Hi B, 4")
        self.assertEqual(greet(types.SimpleNamespace(name="C", age=1)), "Hi C, 1")
        self.assertEqual(area(Sq()), 8)
        self.assertEqual(names([Person("x", 1), P("y", 2)]), ["x", "y"])
