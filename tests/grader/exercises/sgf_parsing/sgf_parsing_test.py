import unittest
from sgf_parsing import parse, SgfTree


class T(unittest.TestCase):
    def test_a(self):
        with self.assertRaises(ValueError) as err:
            parse("")
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "tree missing")

    def test_b(self):
        self.assertEqual(parse("(;)"), SgfTree())

    def test_c(self):
        self.assertEqual(
            parse("(;A[B];B[C])"),
            SgfTree(properties={"A": ["B"]}, children=[SgfTree({"B": ["C"]})]),
        )

    def test_d(self):
        self.assertNotEqual(parse("(;)"), SgfTree({"a": []}))
