import unittest
from rational import Rational


class T(unittest.TestCase):
    def test_add(self):
        self.assertEqual(Rational(1, 2) + Rational(2, 3), Rational(7, 6))

    def test_abs(self):
        self.assertEqual(abs(Rational(-1, 2)), Rational(1, 2))

    def test_pow(self):
        self.assertEqual(Rational(-1, 2) ** 3, Rational(-1, 8))
        self.assertEqual(Rational(3, 5) ** -2, Rational(25, 9))

    def test_rpow(self):
        self.assertAlmostEqual(8 ** Rational(4, 3), 16.0, places=8)

    def test_sort(self):
        self.assertEqual(
            [repr(r) for r in sorted([Rational(1, 2), Rational(1, 3)])], ["1/3", "1/2"]
        )

    def test_misc(self):
        self.assertEqual(-Rational(1, 2), Rational(-1, 2))
        self.assertEqual(float(Rational(1, 4)), 0.25)
        self.assertFalse(Rational(0, 3))
        self.assertTrue(Rational(1, 3) > Rational(1, 4))
        self.assertGreater(Rational(1, 2), Rational(1, 3))
