import unittest
from clock import Clock


class ClockTest(unittest.TestCase):
    def test_str(self):
        self.assertEqual(str(Clock(8, 0)), "08:00")

    def test_repr(self):
        self.assertEqual(repr(Clock(12, 30)), "Clock(12, 30)")

    def test_add(self):
        self.assertEqual(str(Clock(10, 0) + 3), "10:03")

    def test_sub(self):
        self.assertEqual(str(Clock(10, 3) - 70), "08:53")

    def test_eq(self):
        self.assertEqual(Clock(15, 37), Clock(15, 37))

    def test_ne(self):
        self.assertNotEqual(Clock(15, 37), Clock(15, 38))

    def test_hash(self):
        self.assertEqual(len({Clock(1, 1), Clock(1, 1), Clock(2, 2)}), 2)
