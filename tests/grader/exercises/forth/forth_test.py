import unittest
from forth import evaluate, StackUnderflowError


class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(evaluate(["1 2 +"]), [3])

    def test_b(self):
        with self.assertRaises(StackUnderflowError) as err:
            evaluate(["+"])
        self.assertEqual(type(err.exception), StackUnderflowError)
        self.assertEqual(str(err.exception.args[0]), "Insufficient number of items in stack")

    def test_c(self):
        with self.assertRaises(ZeroDivisionError) as err:
            evaluate(["4 0 /"])
        self.assertEqual(type(err.exception), ZeroDivisionError)
        self.assertEqual(err.exception.args[0], "divide by zero")
