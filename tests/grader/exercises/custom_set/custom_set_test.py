import unittest
from custom_set import CustomSet


class T(unittest.TestCase):
    def test_empty(self):
        self.assertIs(CustomSet().isempty(), True)

    def test_in(self):
        self.assertIs(4 in CustomSet([1, 4]), True)

    def test_notin(self):
        self.assertNotIn(3, CustomSet([1, 4]))

    def test_eq(self):
        self.assertEqual(CustomSet([1, 2]), CustomSet([2, 1]))

    def test_add(self):
        s = CustomSet([1])
        s.add(3)
        self.assertEqual(s, CustomSet([1, 3]))

    def test_sub(self):
        self.assertEqual(CustomSet([3, 2, 1]) - CustomSet([2, 4]), CustomSet([1, 3]))

    def test_plus(self):
        self.assertEqual(CustomSet([1, 3]) + CustomSet([2, 3]), CustomSet([3, 2, 1]))

    def test_inter(self):
        self.assertEqual(CustomSet([1, 2]).intersection(CustomSet([2])), CustomSet([2]))
