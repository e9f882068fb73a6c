import unittest as ut
from unittest import TestCase, mock, IsolatedAsyncioTestCase
from unittest.mock import MagicMock, Mock, patch, mock_open, ANY, call
import asyncio
import datetime
import logging
import mocked
from mocked import *
from mocked import Service as S, _secret


def setUpModule():
    global READY
    READY = True


class Base(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = [1, 2]

    def setUp(self):
        self.repo = Mock()
        self.addCleanup(setattr, self, "repo", None)

    def tearDown(self):
        self.done = True


class More(Base):
    def test_module_setup(self):
        self.assertTrue(READY)

    def test_sub(self):
        for x, want in (("a", "A"), ("b", "B")):
            with self.subTest(x=x):
                self.assertEqual(shout(x), want)

    def test_mock_repo(self):
        self.repo.find.return_value = {"v": 2}
        self.assertEqual(S(self.repo).run(7), 6)
        self.repo.find.assert_called_once_with(7)
        self.repo.save.assert_called_once_with({"v": 2, "seen": True})

    def test_none(self):
        self.repo.find.return_value = None
        with self.assertRaises(KeyError):
            S(self.repo).run(1)
        self.repo.save.assert_not_called()

    def test_patch_object(self):
        with patch.object(S, "helper", return_value=99) as h:
            self.repo.find.return_value = {"v": 2}
            self.assertEqual(S(self.repo).run(7), 99)
            h.assert_called_once()

    @patch("mocked._secret", return_value=41)
    def test_patch_name(self, m):
        self.assertEqual(uses(), 42)
        m.assert_called_once_with()

    @patch("mocked.random.randint", return_value=4)
    def test_rand(self, m):
        self.assertEqual(roll(), 4)
        m.assert_called_with(1, 6)

    @patch("time.sleep")
    def test_sleep(self, m):
        self.assertEqual(wait(), "ok")
        m.assert_called_once_with(100)

    @patch("mocked.datetime")
    def test_dt(self, m):
        m.datetime.now.return_value = datetime.datetime(1999, 1, 1)
        self.assertEqual(now_label(), "1999")

    @patch("builtins.open", new_callable=mock_open, read_data=" hello \n")
    def test_open(self, m):
        self.assertEqual(read("x.txt"), "hello")
        m.assert_called_once_with("x.txt")

    def test_warns(self):
        with self.assertWarns(DeprecationWarning):
            deprecated()

    def test_client(self):
        client = MagicMock()
        client.get.return_value = Mock(status_code=200, json=Mock(return_value={"name": "Bo"}))
        self.assertEqual(fetch(client, "u"), "Bo")
        client.get.assert_called_once_with("u", timeout=5)
        client.get.return_value.status_code = 500
        with self.assertRaisesRegex(RuntimeError, "bad status 500"):
            fetch(client, "u")

    def test_notify(self):
        send = Mock()
        notify(send, [1, 2])
        self.assertEqual(send.call_args_list, [call(1, bold=True), call(2, bold=True)])

    def test_sig(self):
        self.assertEqual(multi(1, 2), (1, 2, 3))
        with self.assertRaises(TypeError):
            multi(a=1, b=2)
        with self.assertRaises(TypeError):
            multi(1, 2, 3)

    def test_attr(self):
        self.assertEqual(S.limit, 3)
        self.assertIsInstance(S(None), S)
        self.assertTrue(hasattr(mocked, "uses"))
        self.assertFalse(hasattr(mocked, "nothing"))

    def test_run(self):
        self.assertEqual(asyncio.run(aget(1)), 2)


class A(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.x = 1

    async def test_a(self):
        self.assertEqual(await aget(self.x), 2)
        self.assertEqual(await asyncio.gather(aget(1), aget(2)), [2, 3])


if __name__ == "__main__":
    ut.main()
