import io
import sys
import unittest
from unittest.mock import patch, call
from contextlib import redirect_stdout
import greeter


class T(unittest.TestCase):
    @patch("builtins.input", side_effect=["Bo", "2"])
    def test_input(self, mock_input):
        buffer = io.StringIO()
        with redirect_stdout(buffer):
            greeter.main()
        self.assertEqual(buffer.getvalue(), "0: Bo\n1: Bo\n")
        self.assertEqual(mock_input.call_count, 2)
        mock_input.assert_any_call("Name? ")

    @patch("sys.stdout", new_callable=io.StringIO)
    @patch("sys.stdin", io.StringIO("Al\n1\n"))
    def test_stdin(self, out):
        greeter.main()
        self.assertIn("0: Al", out.getvalue())

    @patch("builtins.print")
    def test_print(self, mock_print):
        with patch("builtins.input", side_effect=["Bo", "1"]):
            greeter.main()
        self.assertEqual(mock_print.mock_calls[0], call("0: Bo"))


def test_fixture(monkeypatch, capsys):
    answers = iter(["Cy", "1"])
    monkeypatch.setattr("builtins.input", lambda _="": next(answers))
    greeter.main()
    captured = capsys.readouterr()
    assert captured.out == "0: Cy\n"
    assert captured.err == "done\n"


def test_monkey_stdin(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("Di\n1\n"))
    greeter.main()
    assert "0: Di" in capsys.readouterr().out
