import unittest
from circular_buffer import CircularBuffer, BufferEmptyException, BufferFullException


class T(unittest.TestCase):
    def test_empty(self):
        with self.assertRaises(BufferError) as err:
            CircularBuffer(1).read()
        self.assertEqual(type(err.exception), BufferEmptyException)
        self.assertEqual(err.exception.args[0], "Circular buffer is empty")
        self.assertEqual(err.exception.message, "Circular buffer is empty")

    def test_full(self):
        b = CircularBuffer(1)
        b.write("1")
        with self.assertRaises(BufferFullException) as err:
            b.write("2")
        self.assertIsInstance(err.exception, BufferError)
