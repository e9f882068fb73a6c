import unittest
from datetime import datetime
from gigasecond import add


class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(add(datetime(2011, 4, 25)), datetime(2043, 1, 1, 1, 46, 40))
