import unittest, io
from unittest import mock
from grep import grep

FILE_TEXT = {"iliad.txt": "Achilles sing\nAgamemnon, King of men.\n"}


def open_mock(fname, *args, **kwargs):
    try:
        return io.StringIO(FILE_TEXT[fname])
    except KeyError:
        raise RuntimeError("Expected one of {0!r}: got {1!r}".format(list(FILE_TEXT.keys()), fname))


@mock.patch("grep.open", name="open", side_effect=open_mock, create=True)
@mock.patch("io.StringIO", name="StringIO", wraps=io.StringIO)
class GrepTest(unittest.TestCase):
    def test_a(self, mock_file, mock_open):
        self.assertMultiLineEqual(grep("Agamemnon", "", ["iliad.txt"]), "Agamemnon, King of men.\n")

    def test_n(self, mock_file, mock_open):
        self.assertMultiLineEqual(grep("sing", "-n", ["iliad.txt"]), "1:Achilles sing\n")
