import unittest, types, inspect
from collections.abc import Iterator, Generator
from ledger import gen, seats


class T(unittest.TestCase):
    def test_type(self):
        g = gen(3)
        self.assertIsInstance(g, types.GeneratorType)
        self.assertTrue(inspect.isgenerator(g))
        self.assertIsInstance(g, Iterator)
        self.assertEqual(list(g), ["A", "B", "C"])

    def test_next(self):
        g = gen(5)
        self.assertEqual([next(g) for _ in range(2)], ["A", "B"])

    def test_expr(self):
        self.assertEqual(list(seats(2)), ["0A", "1B"])

    def test_doc(self):
        self.assertEqual(gen.__doc__, "doc")
        self.assertEqual(gen.__name__, "gen")
        self.assertTrue(inspect.isgeneratorfunction(gen))
