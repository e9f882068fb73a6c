import unittest
from perfect_numbers import classify


class PerfectNumbersTest(unittest.TestCase):
    def test_p(self):
        self.assertIs(classify(6), "perfect")

    def test_a(self):
        self.assertIs(classify(12), "abundant")

    def test_neg(self):
        with self.assertRaises(ValueError) as err:
            classify(-1)
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(
            err.exception.args[0], "Classification is only possible for positive integers."
        )
