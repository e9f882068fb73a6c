import unittest
import error_handling as er
from test_utils import FileLike


class T(unittest.TestCase):
    def test_t(self):
        with self.assertRaisesWithMessage(Exception):
            er.handle_error_by_throwing_exception()

    def test_n(self):
        self.assertIsNone(er.handle_error_by_returning_none("a"))

    def test_f(self):
        o = FileLike(fail_something=True)
        with self.assertRaisesWithMessage(Exception):
            er.filelike(o)
        self.assertIs(o.is_open, False)
        self.assertIs(o.was_open, True)
        self.assertIs(o.did_something, True)

    def assertRaisesWithMessage(self, exception):
        return self.assertRaisesRegex(exception, r".+")
