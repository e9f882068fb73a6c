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


RAISED = """
import pytest
def test_raised():
    with pytest.raises(ValueError) as caught:
        assert repr(caught) == "<ExceptionInfo for raises contextmanager>"
        one("x")
    assert "no x" in str(caught)
    assert str(caught).startswith("<ExceptionInfo ValueError('no x') tblen=")
    first, *_, last = caught.traceback
    assert (first.name, last.name) == ("test_raised", "refuse")
    assert (last.lineno, last.statement) == (1, "raise ValueError('no ' + text)")
    assert first.path.endswith("answer_test.py") and "in refuse" in str(last)
"""


async def test_what_was_raised_tells_where_on_both_sides(grade_suite: Grade) -> None:
    code = "def refuse(text):\n    raise ValueError('no ' + text)\ndef one(text): refuse(text)\n"

    assert failures(await grade_suite(code, RAISED)) == []
    assert (await grade_suite(code.replace("no ", "not "), RAISED)).points == 0


NAMED = """
import os, pytest
from pathlib import Path
@pytest.mark.parametrize("typed, out", [(["1"], "total 1\\n"), ("a", b"\\xff")])
def test_menu(typed, out): assert same(out) == out
@pytest.mark.parametrize("a", [1], ids=["on\\te"])
def test_told(a, request): assert request.node.name == "test_told[on\\\\te]" and same(a) == a
def test_home(): assert home() == os.path.expanduser("~/x") == str(Path.home() / "x")
"""


async def test_names_are_one_line_and_both_sides_have_one_home(grade_suite: Grade) -> None:
    code = "import os\ndef same(x): return x\ndef home(): return os.path.expanduser('~/x')\n"
    verdict = await grade_suite(code, NAMED)

    assert failures(verdict) == []
    names = ["test_menu[typed0-total 1\\n]", "test_menu[a-\\xff]", "test_told[on\\te]", "test_home"]
    assert [test.name for test in verdict.tests] == names


async def test_what_a_file_imports_of_the_future_is_so_for_all_of_it(grade_suite: Grade) -> None:
    test = """
    from __future__ import annotations
    from typing import TYPE_CHECKING
    if TYPE_CHECKING: from nowhere import Made
    class Numbers:
        @staticmethod
        def made() -> Numbers: return Numbers()
        def __iter__(self): return iter([1, 2])
    def test_one(x: Made = 1): assert first(Numbers.made()) == x
    """

    assert failures(await grade_suite("def first(x): return next(iter(x))\n", test)) == []


LABELLED = """
import pytest
@pytest.fixture(params=[2, 3])
def first(request): return request.param
@pytest.fixture(params="ab", scope="module")
def second(request): return request.param
@pytest.mark.parametrize("n", [1])
def test_one(n, first): assert one() == n and first
def test_two(first, second): assert one() and first and second
@pytest.mark.parametrize(("word",), [("a",), pytest.param("b")])
def test_word(word): assert one() and word in ("a", "b")
@pytest.mark.parametrize("same", ["x", "y", "x", "x1", 2, 2])
def test_same(same): assert one() and same
@pytest.mark.parametrize("pair", [(1, 2)])
def test_pair(pair): assert one() and pair == (1, 2)
"""


async def test_a_test_has_the_name_that_pytest_gives_it(grade_suite: Grade) -> None:
    verdict = await grade_suite("def one(): return 1", LABELLED)

    assert failures(verdict) == []
    assert {t.name for t in verdict.tests} == {
        *("test_one[2-1]", "test_one[3-1]"),
        *(f"test_same[{label}]" for label in ("x0", "y", "x2", "x1", "2_0", "2_1")),
        *("test_word[a]", "test_word[b]", "test_pair[pair0]"),
        *("test_two[a-2]", "test_two[a-3]", "test_two[b-2]", "test_two[b-3]"),
    }


FILTERED = """
import warnings
import pytest
pytestmark = pytest.mark.filterwarnings("ignore")
@pytest.mark.filterwarnings("error::UserWarning")
def test_error():
    with pytest.raises(UserWarning, match="slow"): one()
@pytest.mark.filterwarnings("error:fast", "error:.*ow:UserWarning")
class TestAll:
    def test_text(self):
        with pytest.raises(UserWarning): one()
    @pytest.mark.filterwarnings("ignore:slow")
    def test_nearest(self): assert one() == 1
def test_file():
    with warnings.catch_warnings(record=True) as seen: assert one() == 1
    assert not seen
"""


async def test_marks_say_what_becomes_of_warnings(grade_suite: Grade) -> None:
    code = "import warnings\ndef one():\n    warnings.warn('slow')\n    return 1\n"

    assert failures(await grade_suite(code, FILTERED)) == []
    silent = await grade_suite("def one(): return 1", FILTERED)
    assert [t.name for t in silent.tests if t.status == "failed"] == [
        *("test_error", "TestAll.test_text")
    ]
    bad = await grade_suite(code, FILTERED.replace("error::UserWarning", "loud::UserWarning"))
    assert "filterwarnings: 'loud::UserWarning' is no filter" in bad.message


PATCHED = """
import builtins
from unittest.mock import mock_open, patch
def test_typed():
    with patch("builtins.input", return_value="7"):
        assert one(lambda: input("n? ")) == input() == "7"
def test_said(monkeypatch):
    said = []
    monkeypatch.setattr(builtins, "print", said.append)
    print(one(lambda: "x"))
    assert said == ["x"]
def test_opened():
    with patch("builtins.open", mock_open(read_data="rows")): assert one(open("x").read) == "rows"
    assert one(lambda: "def" in open("answer.py").read())
"""


async def test_a_test_meets_what_it_has_patched_itself(grade_suite: Grade) -> None:
    assert failures(await grade_suite("def one(ask): return ask()", PATCHED)) == []
    assert (await grade_suite("def one(ask): return None", PATCHED)).points == 0
