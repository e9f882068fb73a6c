import unittest, json, pytest
from excs import *
import excs


class T(unittest.TestCase):
    def test_attrs(self):
        with self.assertRaises(Insufficient) as c:
            pay(9)
        self.assertEqual((c.exception.need, c.exception.have, c.exception.short), (9, 5, 4))
        self.assertEqual(str(c.exception), "need 9, have 5")
        self.assertIsInstance(c.exception, BankError)
        self.assertTrue(issubclass(Insufficient, Exception))

    def test_str(self):
        with self.assertRaisesRegex(Coded, r"\[7\] m") as c:
            pay(-1)
        self.assertEqual(c.exception.code, 7)

    def test_base(self):
        with self.assertRaises(excs.BankError):
            pay(9)
        try:
            pay(9)
        except Insufficient as e:
            self.assertEqual(e.args, ("need 9, have 5",))
        else:
            self.fail("x")

    def test_chain(self):
        with self.assertRaises(RuntimeError) as c:
            chain()
        self.assertIsInstance(c.exception.__cause__, ValueError)

    def test_key(self):
        with self.assertRaises(KeyError) as c:
            keyerr()
        self.assertEqual(str(c.exception), "'missing'")

    def test_os(self):
        with self.assertRaises(FileNotFoundError) as c:
            osert()

    def test_eg(self):
        with self.assertRaises(ExceptionGroup) as c:
            group()
        self.assertEqual([type(e) for e in c.exception.exceptions], [ValueError, TypeError])

    def test_rec(self):
        with self.assertRaises(RecursionError):
            deep(0)

    def test_json(self):
        with self.assertRaises(json.JSONDecodeError):
            jsonbad()
        with self.assertRaises(ValueError):
            jsonbad()

    def test_assert(self):
        with self.assertRaises(AssertionError):
            assert_it(0)
        self.assertRaises(AssertionError, assert_it, -1)

    def test_uni(self):
        with self.assertRaises(UnicodeEncodeError):
            unicode_bad()

    def test_stop(self):
        with self.assertRaises(StopIteration):
            stop()

    def test_not(self):
        with self.assertRaises(AssertionError):
            with self.assertRaises(ValueError):
                pay(1)

    def test_make(self):
        e = Insufficient(3, 1)
        self.assertEqual(e.short, 2)
        with self.assertRaises(Insufficient):
            raise e

    def test_warn(self):
        self.assertEqual(warn(), 1)

    def test_typeerr(self):
        with self.assertRaisesRegex(TypeError, "positional argument"):
            pay()
