import unittest
from dot_dsl import Graph, Node, Edge, NODE, EDGE, ATTR


class T(unittest.TestCase):
    def test_empty(self):
        g = Graph()
        self.assertEqual(g.nodes, [])
        self.assertEqual(g.attrs, {})

    def test_node(self):
        self.assertEqual(Graph([(NODE, "a", {})]).nodes, [Node("a", {})])

    def test_all(self):
        g = Graph([(NODE, "a", {"c": "g"}), (EDGE, "a", "b", {}), (ATTR, "foo", "1")])
        self.assertEqual(g.nodes, [Node("a", {"c": "g"})])
        self.assertEqual(g.edges, [Edge("a", "b", {})])
        self.assertEqual(g.attrs, {"foo": "1"})

    def test_bad(self):
        with self.assertRaises(TypeError) as err:
            Graph(1)
        self.assertEqual(err.exception.args[0], "Graph data malformed")
        with self.assertRaises(ValueError):
            Graph([(99, 1, 2)])
