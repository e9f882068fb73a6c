import contextlib, io, sys, random, unittest, builtins, pytest
from unittest.mock import patch
import io_prog
from io_prog import *


def test_capsys(capsys):
    shout("ab")
    assert capsys.readouterr().out == "AB"


def test_mp(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda _="": "Bob")
    greet()
    assert capsys.readouterr().out == "Hello, Bob!\n"


def test_mp2(monkeypatch):
    monkeypatch.setattr(builtins, "input", lambda *a: "q")
    assert two() == ["q", "q"]


def test_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n2\n"))
    assert summing() == 3


def test_roll(monkeypatch):
    monkeypatch.setattr(random, "randint", lambda a, b: 4)
    assert roll() == 4


def test_exit():
    with pytest.raises(SystemExit) as e:
        main([])
    assert e.value.code == 2


def test_seed():
    random.seed(1)
    a = seeded()
    random.seed(1)
    assert seeded() == a
    random.seed(1)
    assert random.random() == a


class T(unittest.TestCase):
    def test_redirect(self):
        b = io.StringIO()
        with contextlib.redirect_stdout(b):
            shout("x")
            print("y")
        self.assertEqual(b.getvalue(), "Xy\n")

    @patch("builtins.input", side_effect=["a", "b"])
    def test_inputs(self, m):
        self.assertEqual(two(), ["a", "b"])
        self.assertEqual(m.call_count, 2)

    @patch("sys.stdout", new_callable=io.StringIO)
    def test_out(self, out):
        shout("q")
        self.assertEqual(out.getvalue(), "Q")

    @patch("builtins.print")
    def test_print(self, p):
        shout("q")
        p.assert_called_once_with("Q", end="")

    @patch("io_prog.random.randint", return_value=6)
    def test_roll(self, m):
        self.assertEqual(roll(), 6)
        m.assert_called_with(1, 6)

    def test_roll2(self):
        self.assertIn(roll(), range(1, 7))

    @patch("random.randint", return_value=2)
    def test_roll3(self, m):
        self.assertEqual(roll(), 2)

    @patch("time.sleep")
    def test_sleep(self, m):
        self.assertEqual(wait(), "ok")
        m.assert_called_with(100)

    @patch.object(io_prog, "roll", return_value=9)
    def test_obj(self, m):
        self.assertEqual(io_prog.roll(), 9)

    def test_after(self):
        self.assertIn(roll(), range(1, 7))

    def test_input_eof(self):
        with self.assertRaises(EOFError):
            two()
