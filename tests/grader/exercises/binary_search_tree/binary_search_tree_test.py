import unittest
from binary_search_tree import BinarySearchTree, TreeNode


class T(unittest.TestCase):
    def test_data(self):
        self.assertEqual(BinarySearchTree(["4"]).data().data, TreeNode("4", None, None).data)

    def test_tree(self):
        expected = TreeNode("4", TreeNode("2", None, None), None)
        self.assertTreeEqual(BinarySearchTree(["4", "2"]).data(), expected)

    def test_sorted(self):
        self.assertEqual(BinarySearchTree(["2", "1", "3"]).sorted_data(), ["1", "2", "3"])

    def assertTreeEqual(self, one, two):
        try:
            self.compare(one, two)
        except AssertionError:
            raise AssertionError("{} != {}".format(one, two))

    def compare(self, one, two):
        self.assertEqual(one.data, two.data)
        for side in ("left", "right"):
            a, b = getattr(one, side), getattr(two, side)
            if a is None or b is None:
                self.assertIs(a, b)
            else:
                self.compare(a, b)
