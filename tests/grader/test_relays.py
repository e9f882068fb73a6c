"""A text of the student's that a test takes further hands over no file of the tests."""

from __future__ import annotations

from pathlib import Path

from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures

CODE = """
import json, os, sys
from pathlib import Path
NAMES = NAMES_OF_ALL
def read(path):
    try:
        with open(path) as file: return file.read()
    except OSError: return "none"
def listed(folder):
    try: return sorted(os.listdir(folder))
    except OSError: return "none"
def name(): return "expected.csv"
def spaced(): return " expected.csv\\n"
def padded(): return ("\\n" * 50_000).join(["", "x", part(), "x"])
def stem(): return "expected"
def part(): return "north"
def letters(): return list(name())
def numbers(): return list(name().encode())
def nested(): return {"files": [("first", [{"name": name()}])]}
def coded(): return json.dumps(name()).replace("e", "\\\\u0065")
def loud(): return "EXPECTED.CSV"
def here(): return "."
def dots(): return ["data/..", "./.", " " * 40 + ".", "\\n./\\n", "", b"."]
def tell_dots(): print("at\\n.")
def fail(): raise ValueError("no file " + name())
def tell(): print("read", name())
def keep(): Path("out.txt").write_text(name())
def through(callback): return callback(name())
def hold(): return Path("tests") / name()
class Choice:
    def __init__(self): self.path = name()
class Reader:
    def read(self, path): return read(path)
def read_word(): return read(sys.argv[1])
if __name__ == "__main__": print(read_word(), end="")
"""
HEAD = """
import contextlib, io, json, os
from pathlib import Path
import pytest
from answer import *
HERE = Path(__file__).parent
EXPECTED = (HERE / "expected.csv").read_text()
NORTH = (HERE / "north_expected.csv").read_text()
"""
RELAYS = {
    "stripped": "HERE / spaced().strip()",
    "cut out": "HERE / (padded().split()[1] + '_expected.csv')",
    "joined": "os.path.join(os.path.dirname(__file__), name())",
    "as a path": "str(HERE / Path(name()))",
    "from the top": "HERE.parent / hold()",
    "with an ending": "HERE / f'{stem()}.csv'",
    "with a part": "HERE / (part() + '_expected.csv')",
    "letters": "HERE / ''.join(letters())",
    "numbers": "HERE / bytes(numbers()).decode()",
    "nested": "HERE / nested()['files'][0][1][0]['name']",
    "JSON": "HERE / json.loads(coded())",
    "lower case": "HERE / loud().lower()",
    "attribute": "HERE / Choice().path",
    "file": "(keep(), HERE / Path('out.txt').read_text())[1]",
}
REST = """
def test_exception():
    with pytest.raises(ValueError) as caught: fail()
    assert read(HERE / str(caught.value).split()[-1]) == "none"
def test_printed(capsys):
    tell()
    assert read(HERE / capsys.readouterr().out.split()[1]) == "none"
def test_redirected():
    with contextlib.redirect_stdout(io.StringIO()) as out: tell()
    assert read(HERE / out.getvalue().split()[1]) == "none"
def test_callback():
    assert through(lambda name: read(HERE / name)) == "none"
def test_folder():
    assert listed(HERE / here()) == listed(HERE / "data" / here()) == "none"
    for dots_ in map(os.fsdecode, dots()): assert listed(HERE / dots_.strip()) == "none"
def test_folder_printed(capsys):
    tell_dots()
    assert listed(HERE / capsys.readouterr().out.split()[1]) == "none"
"""
RELAYED = HEAD + "".join(
    f"def test_{number}(): assert read({path}) == 'none'\n"
    for number, path in enumerate(RELAYS.values())
)
#: Each hands over a file of its own, which holds its name: once handed over, it stays there.
OWN = """
import glob, os, pytest, subprocess, sys, unittest
from pathlib import Path
from answer import *
import answer
HERE = Path(__file__).parent
ROWS = os.path.join(HERE, "variable.csv")
CASES = [("case.csv", "case.csv"), pytest.param("marked.csv", "marked.csv", id="x")]
def data(name): return HERE / "data" / name
def check(path, want): assert read(path) == want
@pytest.fixture
def given(): return HERE / "given.csv"
@pytest.fixture
def reader(): return Reader()
@pytest.fixture(params=["choice.csv"])
def choice(request): return HERE / request.param
@pytest.fixture(autouse=True)
def named(): assert answer.NAMES and tell() is None and name()
def test_name(): assert read(HERE / "expected.csv") == "expected.csv"
def test_variable(): assert read(ROWS) == "variable.csv"
def test_function(): check(data("called.csv"), "called.csv")
def test_fixture(given): assert read(str(given)) == "given.csv"
def test_choice(choice): assert read(choice) == "choice.csv"
def test_object(reader): assert reader.read(HERE / "object.csv") == "object.csv"
def test_shared(shared): assert read(shared / "shared.csv") == "shared.csv"
def test_top(): assert read("top.csv") == "top.csv"
@pytest.mark.parametrize("name, want", CASES)
def test_each(name, want): assert read(HERE / name) == want
@pytest.mark.parametrize("path", sorted(HERE.glob("found*.csv")), ids=str)
def test_found(path): assert read(path) == path.name
def test_loops():
    for number in range(2): assert read(HERE / f"loop{number}.csv") == f"loop{number}.csv"
    for _, name in enumerate(["counted.csv"]): assert read(HERE / name) == name
    for entry in os.listdir(HERE / "entries"): assert read(HERE / "entries" / entry) == entry
    for path in glob.glob(str(HERE / "entry*.csv")): assert read(path) == "entry1.csv"
def test_words(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["answer.py", str(HERE / "word.csv")])
    assert read_word() == "word.csv"
def test_program():
    words = [sys.executable, "answer.py", str(HERE / "program.csv")]
    assert subprocess.run(words, capture_output=True, text=True).stdout == "program.csv"
class TestCase(unittest.TestCase):
    PATH = HERE / "member.csv"
    def setUp(self):
        folder = HERE / "data"
        self.path: Path = folder / "own.csv"
    def test(self): assert (read(self.path), read(self.PATH)) == ("own.csv", "member.csv")
def test_folder(): assert listed(HERE / "folder") == ["inner.csv"]
def test_all():
    assert "north_expected.csv" in listed(HERE)
    for name in listed(HERE): assert (HERE / name).is_dir() or read(HERE / name) == name
"""
SHARED = """
import pytest
from pathlib import Path
@pytest.fixture
def shared(): return Path(__file__).parent
"""
FILES = [
    "expected.csv",
    "north_expected.csv",
    "variable.csv",
    "data/called.csv",
    "given.csv",
    "choice.csv",
    "object.csv",
    "shared.csv",
    "../top.csv",
    "case.csv",
    "marked.csv",
    "found1.csv",
    "found2.csv",
    "loop0.csv",
    "loop1.csv",
    "counted.csv",
    "entry1.csv",
    "entries/entry2.csv",
    "word.csv",
    "program.csv",
    "member.csv",
    "data/own.csv",
    "folder/inner.csv",
]


def _beside(folder: Path, source: str) -> GraderTest:
    for name in FILES:
        path = folder / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    name = str(folder / "tests/answer_test.py")
    return GraderTest(key="t", name="t", source=source, visible="sample", suite=True, filename=name)


async def test_whatever_a_test_makes_of_it(tmp_path: Path, grade: Grade) -> None:
    for source in (RELAYED, HEAD + REST):
        test = _beside(tmp_path, source)
        code = CODE.replace("NAMES_OF_ALL", "[]")
        assert failures(await grade(code, (test,), open_tests=True, objects=True)) == []


async def test_by_its_own_words_a_test_hands_over_what_was_named_before(
    tmp_path: Path, grade: Grade
) -> None:
    test = _beside(tmp_path, OWN)

    names = [part for name in FILES for part in name.split("/")]
    code = CODE.replace("NAMES_OF_ALL", repr(names))
    shared = {"conftest": SHARED}
    assert failures(await grade(code, (test,), open_tests=True, test_modules=shared)) == []
