import unittest
from list_ops import (
    append,
    concat,
    foldl,
    foldr,
    length,
    reverse,
    filter as list_ops_filter,
    map as list_ops_map,
)
import operator


class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(append([], [1]), [1])

    def test_b(self):
        self.assertEqual(concat([[1], [2], []]), [1, 2])

    def test_c(self):
        self.assertEqual(list_ops_filter(lambda x: x % 2 == 1, [1, 2, 3, 5]), [1, 3, 5])

    def test_d(self):
        self.assertEqual(list_ops_map(lambda x: x + 1, [1, 3]), [2, 4])

    def test_e(self):
        self.assertEqual(foldl(lambda acc, el: el * acc, [1, 2, 3, 4], 2), 48)

    def test_f(self):
        self.assertEqual(foldr(operator.add, ["e", "x"], "!"), "!xe")

    def test_g(self):
        self.assertEqual(length([1, 2]), 2)

    def test_h(self):
        self.assertEqual(reverse([[1, 2], [3]]), [[3], [1, 2]])
