"""Fixtures that pytest itself brings."""

from __future__ import annotations

from tests.grader.conftest import Grade, failures

TMPDIR = """
import os
def test_files(tmpdir):
    path = tmpdir.mkdir("sub").join("rows.txt")
    path.write("a\\nb\\n")
    path.write("c", mode="a")
    assert path.read() == "a\\nb\\nc" and path.readlines() == ["a\\n", "b\\n", "c"]
    assert lines(str(path)) == lines(path) == lines(path.strpath) == 3
    assert (path.basename, path.purebasename, path.ext) == ("rows.txt", "rows", ".txt")
    assert tmpdir.listdir() == [tmpdir / "sub"] and path.dirname == str(tmpdir / "sub")
    assert path.check(file=True) and not path.check(dir=True) and tmpdir.join("x").check(exists=0)
def test_more(tmpdir):
    path = tmpdir.ensure("a", "b.txt")
    path.write(b"1\\n")
    assert path.read("rb") == b"1\\n" and path.size() == 2
    path.copy(tmpdir.join("c.txt"))
    with tmpdir.as_cwd(): assert lines("c.txt") == 1
    path.remove()
    tmpdir.join("a").remove()
    assert [p.basename for p in tmpdir.listdir()] == ["c.txt"]
    assert os.fspath(tmpdir.ensure("d", dir=True)) == f"{tmpdir}/d"
def test_factories(tmpdir_factory, tmp_path_factory):
    path = tmpdir_factory.mktemp("data").join("a")
    path.write("1\\n2\\n")
    assert lines(path) == 2
    other = tmp_path_factory.mktemp("data") / "b"
    other.write_text("1")
    assert lines(other) == 1
"""


async def test_tmpdir_has_the_methods_that_it_always_had(grade_suite: Grade) -> None:
    code = "def lines(path):\n    with open(path) as file: return len(file.readlines())\n"

    assert failures(await grade_suite(code, TMPDIR)) == []
    wrong = await grade_suite(code.replace("len(file.readlines())", "len(file.read())"), TMPDIR)
    assert (wrong.status, wrong.points) == ("failed", 0)


ASKED = """
import pytest
@pytest.fixture
def told(request): return request.config.getoption("--slow", default=False)
def test_config(told, pytestconfig, request):
    assert told is False and pytestconfig.getoption("x") is None and pytestconfig.getini("y") == []
    assert request.path.name == request.fspath.basename == "answer_test.py"
    assert "told" in request.fixturenames and one() == 1
def test_reports(record_property, record_xml_attribute, doctest_namespace):
    record_property("key", one())
    record_xml_attribute("key", "value")
    assert doctest_namespace == {} and one() == 1
"""


async def test_what_a_test_asks_of_pytest_itself_has_an_answer(grade_suite: Grade) -> None:
    assert failures(await grade_suite("def one(): return 1", ASKED)) == []
    assert (await grade_suite("def one(): return 2", ASKED)).points == 0
