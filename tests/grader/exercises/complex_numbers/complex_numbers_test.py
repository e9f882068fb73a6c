import math, unittest
from complex_numbers import ComplexNumber


class T(unittest.TestCase):
    def test_real(self):
        self.assertEqual(ComplexNumber(1, 0).real, 1)

    def test_i2(self):
        self.assertEqual(ComplexNumber(0, 1) * ComplexNumber(0, 1), ComplexNumber(-1, 0))

    def test_add(self):
        self.assertEqual(ComplexNumber(1, 2) + 5, ComplexNumber(6, 2))

    def test_radd(self):
        self.assertEqual(5 + ComplexNumber(1, 2), ComplexNumber(6, 2))

    def test_rsub(self):
        self.assertEqual(4 - ComplexNumber(5, 7), ComplexNumber(-1, -7))

    def test_rdiv(self):
        self.assertEqual(5 / ComplexNumber(1, 1), ComplexNumber(2.5, -2.5))

    def test_abs(self):
        self.assertEqual(abs(ComplexNumber(-3, 4)), 5)

    def test_exp(self):
        self.assertAlmostEqual(
            ComplexNumber(0, math.pi), ComplexNumber(-1, 0).exp()
        ) if False else self.assertAlmostEqual(ComplexNumber(0, math.pi).exp().real, -1)

    def test_ne(self):
        self.assertNotEqual(ComplexNumber(1, 2), ComplexNumber(2, 1))
