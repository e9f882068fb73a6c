import unittest
from tree_building import BuildTree, Record


class T(unittest.TestCase):
    def test_empty(self):
        self.assertIsNone(BuildTree([]))

    def test_three(self):
        root = BuildTree([Record(0, 0), Record(1, 0), Record(2, 0)])
        self.assert_node_is_branch(root, 0, 2)
        self.assert_node_is_leaf(root.children[0], 1)

    def test_bad(self):
        with self.assertRaises(ValueError) as err:
            BuildTree([Record(0, 0), Record(2, 0)])
        self.assertEqual(err.exception.args[0], "Record id is invalid or out of order.")

    def assert_node_is_branch(self, node, node_id, n):
        self.assertEqual(node.node_id, node_id)
        self.assertNotEqual(len(node.children), 0)
        self.assertEqual(len(node.children), n)

    def assert_node_is_leaf(self, node, node_id):
        self.assertEqual(node.node_id, node_id)
        self.assertEqual(len(node.children), 0)
