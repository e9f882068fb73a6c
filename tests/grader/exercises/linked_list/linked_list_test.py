import unittest
from linked_list import (
    LinkedList,
)


class LinkedListTest(unittest.TestCase):
    def test_pop(self):
        lst = LinkedList()
        lst.push(7)
        self.assertEqual(lst.pop(), 7)
        self.assertEqual(len(lst), 0)
        self.assertEqual(list(lst), [])

    def test_iter(self):
        lst = LinkedList()
        for x in (1, 2, 3):
            lst.push(x)
        self.assertEqual([x * 2 for x in lst], [2, 4, 6])
        it = iter(lst)
        self.assertEqual(next(it), 1)

    def test_delete_error(self):
        lst = LinkedList()
        lst.push(5)
        with self.assertRaises(ValueError) as err:
            lst.delete(0)
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "Value not found")
        self.assertEqual(str(err.exception), "Value not found")

    def test_empty(self):
        with self.assertRaises(IndexError) as err:
            LinkedList().pop()
        self.assertEqual(err.exception.args[0], "List is empty")
