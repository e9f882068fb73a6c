import unittest
from simple_linked_list import LinkedList, EmptyListException


class T(unittest.TestCase):
    def test_len(self):
        self.assertEqual(len(LinkedList([1, 2, 3])), 3)

    def test_head(self):
        self.assertEqual(LinkedList([1, 2]).head().value(), 2)

    def test_none(self):
        self.assertIsNone(LinkedList([1]).head().next())

    def test_list(self):
        self.assertEqual(list(LinkedList([1, 2, 3])), [3, 2, 1])

    def test_rev(self):
        self.assertEqual(list(LinkedList([1, 2, 3]).reversed()), [1, 2, 3])

    def test_err(self):
        sut = LinkedList()
        with self.assertRaises(EmptyListException) as err:
            sut.pop()
        self.assertEqual(type(err.exception), EmptyListException)
        self.assertEqual(err.exception.args[0], "The list is empty.")

    def test_iter(self):
        it = iter(LinkedList([1, 2]))
        self.assertEqual(next(it), 2)
        self.assertEqual(next(it), 1)
        with self.assertRaises(StopIteration):
            next(it)
