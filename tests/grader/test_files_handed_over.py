"""Which files of the tests their text hands over, however it comes by the path, and which not."""

from __future__ import annotations

from pathlib import Path

from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures

CODE = """
import os, sys
from pathlib import Path
def read(path):
    try:
        with open(path) as file: return file.read()
    except OSError: return "none"
def listed(folder):
    try: return sorted(os.listdir(folder))
    except OSError: return "none"
class Reader:
    def read(self, path): return read(path)
def read_word(): return read(sys.argv[1])
def words(path): return read(path).split()
def dot(): return "."
def fill(names): names.append("want_filled.csv")
def through(callback): return callback("want_callback.csv")
NAMES = NAMES_OF_ALL
"""
HEAD = """
import csv, glob, importlib, json, os, pytest, random, sys, threading, unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock
import answer, helpers
from answer import *
HERE = Path(__file__).parent
"""
HELPERS = """
from pathlib import Path
def data(name): return Path(__file__).parent / "data" / name
def text(name): return data(name).read_text()
"""
#: Each hands over files of its own, which hold their names.
HANDED = """
CASES = json.loads((HERE / "cases.json").read_text())
def test_cases():
    for case in CASES: assert read(HERE / "data" / case["name"]) == case["name"]
def test_words():
    for name in words(HERE / "index.txt"): assert read(HERE / name) == name
@pytest.mark.parametrize("stem", ["stem_a", "stem_b"])
class TestStems:
    def test(self, stem): assert read(HERE / f"{stem}.csv") == stem + ".csv"
def test_made():
    for path in (HERE / "data").glob("suffix*.out"):
        assert read(path.with_suffix(".in")) == path.with_suffix(".in").name
    for n in (1, 2): assert read(HERE / ("added" + str(n) + ".csv")) == f"added{n}.csv"
    assert read(HERE / ("sum" + ".csv")) == "sum.csv"
    for n in (1, 2): assert read(HERE / "format{}.csv".format(n)) == "format%d.csv" % n
class Fake:
    def read(self, path): return "fake"
def test_fake(): assert Fake().read("x") + Reader().read(HERE / "fake.csv") == "fakefake.csv"
def test_modules():
    assert getattr(answer, "read")(HERE / "getattr.csv") == "getattr.csv"
    assert importlib.import_module("answer").read(HERE / "module.csv") == "module.csv"
    assert {"r": answer.read}["r"](HERE / "function.csv") == "function.csv"
@pytest.fixture
def run():
    def inner(name): assert answer.read(HERE / "data" / name) == name
    return inner
def test_factory(run): run("factory.csv")
def test_threads():
    out = []
    def keep(path): out.append(read(path))
    threading.Thread(target=keep, args=(HERE / "thread.csv",)).run()
    with ThreadPoolExecutor() as pool: out += pool.map(read, [HERE / "pool.csv"])
    assert partial(read, HERE / "partial.csv")() == "partial.csv"
    assert out == ["thread.csv", "pool.csv"]
def test_helpers():
    assert read(helpers.data("helper.csv")) == helpers.text("helper.csv") == "helper.csv"
@dataclass
class Case:
    name: str
    @property
    def path(self): return HERE / "data" / self.name
@pytest.mark.parametrize("case", [Case("case.csv")], ids=str)
def test_case(case): assert read(case.path) == case.name
def test_pairs():
    for name, _ in {"items.csv": 1}.items(): assert read(HERE / name) == name
    for name, _ in zip(["zip.csv"], "x"): assert read(HERE / name) == name
    paths = [HERE / name for name in ("comprehension.csv",)]
    paths.append(HERE / "appended.csv")
    assert [read(path) for path in paths] == [path.name for path in paths]
def test_relative():
    for name in ("loop.csv",): assert read(f"tests/relative/{name}") == name
    assert read(os.path.join("tests", "relative", "joined.csv")) == "joined.csv"
    assert read(Path("tests") / "relative" / "path.csv") == "path.csv"
GLOBAL = None
def setup_module():
    global GLOBAL
    GLOBAL = HERE / "global.csv"
def check(*names, folder=HERE / "data"):
    for name in names: assert read(folder / name) == name
def test_parameters():
    assert read(GLOBAL) == "global.csv"
    check("default.csv")
    assert (lambda path: read(path))(HERE / "lambda.csv") == "lambda.csv"
    assert read(*[HERE / "star.csv"]) == "star.csv"
def test_argv():
    with mock.patch.object(sys, "argv", ["answer.py", str(HERE / "argv.csv")]):
        assert read_word() == "argv.csv"
class Tests(unittest.TestCase):
    read = staticmethod(answer.read)
    def setUp(self): self.reader = Reader()
    def is_read(self, name): self.assertEqual(self.reader.read(HERE / name), name)
    def test(self):
        self.is_read("member.csv")
        self.assertRaises(TypeError, self.reader.read, HERE / "raises.csv", 1)
        self.assertEqual(self.read(HERE / "static.csv"), "static.csv")
def test_folders():
    for folder in (HERE / "folders").iterdir(): assert read(folder / "in.csv") == "in.csv"
    for folder, _, names in os.walk(HERE / "walked"):
        for name in names: assert read(os.path.join(folder, name)) == name
    chosen = [path for path in HERE.iterdir() if path.name.startswith("chosen")]
    assert [read(path) for path in chosen] == ["chosen.csv"]
@pytest.mark.parametrize("name", ["one", "two"])
def test_listed(name): assert listed(HERE / "listed" / name) == ["file.csv"]
"""
#: These read files beside those that they hand over.
KEPT = """
WANT = HERE / "want_constant.csv"
def test_constant(): assert read(HERE / "given1.csv") != WANT.read_text()
@pytest.mark.parametrize("given, want", [("given2.csv", "want_param.csv")])
def test_table(given, want): assert read(HERE / given) != (HERE / want).read_text()
def test_tables():
    for _, (given, want) in enumerate([("given3.csv", "want_row.csv")]):
        assert read(HERE / given) != (HERE / want).read_text()
    for one, other in {"given4.csv": "want_items.csv"}.items():
        assert read(HERE / one) != (HERE / other).read_text()
    for left, right in zip(["given5.csv"], ["want_zip.csv"]):
        assert read(HERE / left) != (HERE / right).read_text()
def wanted(name):
    with open(HERE / name) as file: return json.load(file)
class Want:
    def __init__(self, name): self.text = (HERE / name).read_text()
def check(given, want): assert read(HERE / given) != wanted(want)
def test_helpers(): check("given6.csv", want="want_helper.json")
def test_module(): assert read(HERE / "given6.csv") != helpers.text("want_module.csv")
def test_class(): assert read(HERE / "given7.csv") != Want("want_class.csv").text
def test_numbers():
    for n in (1, 2):
        assert read(HERE / "in" / f"{n}.txt") != (HERE / "out" / f"{n}.txt").read_text()
def test_endings():
    for path in HERE.glob("pair*.in"): assert read(path) != path.with_suffix(".out").read_text()
def test_listed():
    for path in (HERE / "in").iterdir(): assert read(path) == path.name
    for case in (HERE / "folders").iterdir(): assert read(case / "in.csv") == "in.csv"
def test_same_name_here():
    path = HERE / "want_local.csv"
    assert path.read_text()
def test_same_name_there():
    path = HERE / "given8.csv"
    assert read(path) == path.name
class Tests(unittest.TestCase):
    def setUp(self): self.given, self.want = HERE / "given9.csv", HERE / "want_member.csv"
    def test(self): self.assertNotEqual(Reader().read(self.given), self.want.read_text())
def test_filled():
    names = ["given1.csv"]
    fill(names)
    assert [read(HERE / name) for name in names] == ["given1.csv", "none"]
def test_callback():
    def back(name): return read(HERE / name)
    assert through(back) == through(lambda name: read(HERE / name)) == "none"
def test_folders():
    for folder in (HERE, HERE / "in", HERE / "folders"): assert listed(folder / dot()) == "none"
def test_named():
    assert len(answer.NAMES) == 16
    for name in answer.NAMES:
        assert (HERE / name.strip()).exists() and read(HERE / name.strip()) == "none"
"""
NAMES = [
    "data/table.csv",
    "word.csv",
    "stem_a.csv",
    "stem_b.csv",
    "data/suffix.out",
    "data/suffix.in",
    "added1.csv",
    "added2.csv",
    "format1.csv",
    "format2.csv",
    "fake.csv",
    "sum.csv",
    "getattr.csv",
    "module.csv",
    "function.csv",
    "data/factory.csv",
    "thread.csv",
    "pool.csv",
    "partial.csv",
    "data/helper.csv",
    "data/case.csv",
    "items.csv",
    "zip.csv",
    "comprehension.csv",
    "appended.csv",
    "relative/loop.csv",
    "relative/joined.csv",
    "relative/path.csv",
    "global.csv",
    "data/default.csv",
    "lambda.csv",
    "star.csv",
    "argv.csv",
    "member.csv",
    "raises.csv",
    "static.csv",
    "folders/one/in.csv",
    "walked/deep/walked.csv",
    "chosen.csv",
    "listed/one/file.csv",
    "listed/two/file.csv",
]
GIVEN = [*(f"given{n}.csv" for n in range(1, 10)), "in/1.txt", "in/2.txt", "pair1.in"]
WANTED = [
    *("constant.csv", "param.csv", "row.csv", "items.csv", "zip.csv", "helper.json", "class.csv"),
    *("local.csv", "member.csv", "filled.csv", "callback.csv"),
]
WANTED = [*(f"want_{name}" for name in WANTED), "out/1.txt", "out/2.txt", "pair1.out"]
WANTED += ["folders/one/out.csv", "data/want_module.csv"]


def _beside(folder: Path, source: str, names: list[str]) -> GraderTest:
    for name in names:
        path = folder / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"want"' if name in WANTED else path.name)
    (folder / "tests/cases.json").write_text('[{"name": "table.csv"}]')
    (folder / "tests/index.txt").write_text("word.csv")
    name = str(folder / "tests/answer_test.py")
    return GraderTest(key="t", name="t", source=source, visible="sample", suite=True, filename=name)


async def test_a_path_is_handed_over_however_the_text_makes_it(
    tmp_path: Path, grade: Grade
) -> None:
    test = _beside(tmp_path, HEAD + HANDED, NAMES)
    code = CODE.replace("NAMES_OF_ALL", "[]")
    fields = {"open_tests": True, "test_modules": {"helpers": HELPERS}}

    assert failures(await grade(code, (test,), **fields)) == []


async def test_what_the_tests_read_themselves_stays_with_them(tmp_path: Path, grade: Grade) -> None:
    test = _beside(tmp_path, HEAD + KEPT, [*GIVEN, *WANTED, "folders/one/in.csv"])
    code = CODE.replace("NAMES_OF_ALL", repr([f" {name}" for name in WANTED]))
    fields = {"open_tests": True, "test_modules": {"helpers": HELPERS}}

    assert failures(await grade(code, (test,), **fields)) == []
