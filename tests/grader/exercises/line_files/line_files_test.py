from pathlib import Path
import os, tempfile
import pytest
from line_files import count_lines, copy_upper


def test_lines(tmp_path):
    p = tmp_path / "a.txt"
    p.write_text("one\ntwo\n")
    assert count_lines(p) == 2
    assert count_lines(str(p)) == 2


def test_copy(tmp_path):
    (tmp_path / "a.txt").write_text("abc")
    copy_upper(tmp_path / "a.txt", tmp_path / "b.txt")
    assert (tmp_path / "b.txt").read_text() == "ABC"


def test_tempfile():
    with tempfile.NamedTemporaryFile("w", delete=False, suffix=".txt") as f:
        f.write("x\ny\nz\n")
    assert count_lines(f.name) == 3
    os.unlink(f.name)


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        count_lines(tmp_path / "none")
