"""Where tests and solution may lie in an exercise, and whose the other files are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from grader.pool import GraderPool
from grader.protocol import Limits
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.batch import Batch, Item, Report
from pythonmastery_ext.grading.exercise import Exercise
from pythonmastery_ext.grading.finding import find_exercises

ADD = "def add(a, b): return a + b\n"
WRONG = "def add(a, b): return a - b\n"
TEST = "def test_add(): assert add(1, 2) == 3\n"
LAYOUTS = {
    "tests beside src": {
        "src/sums.py": "",
        "tests/test_sums.py": "from src.sums import add\n" + TEST,
    },
    "a package": {
        "src/sums.py": "",
        "src/__init__.py": "",
        "src/table.py": "ROWS = [(1, 2)]\n",
        "test/test_sums.py": "import src.sums\nfrom src import sums\nfrom src.table import ROWS\n"
        "def test_add(): assert src.sums.add(*ROWS[0]) == sums.add(2, 1) == 3\n"
        "def test_names(): assert repr(sums.add).startswith('<function add')\n",
    },
    "src on the path": {
        "src/sums.py": "",
        "tests/test_sums.py": "import sys\nsys.path.insert(0, 'src')\nfrom sums import add\n"
        + TEST,
    },
    "names of a package": {
        "sums/__init__.py": "from .core import add\n",
        "sums/core.py": "",
        "test_sums.py": "from sums import add\n" + TEST,
    },
    "a name in a string": {
        "src/sums.py": "",
        "test/test_sums.py": "import importlib\ndef test_add():\n"
        "    assert importlib.import_module('src.sums').add(1, 2) == 3\n",
    },
    "one file without a name": {"mine.py": "", "test_sums.py": TEST},
    "modules of a package": {
        "shop/__init__.py": "from shop.core import add\n",
        "shop/core.py": "",
        "shop/util.py": "ONE = 1\n",
        "test_shop.py": "import shop\nfrom shop.core import add as a\nfrom shop.util import ONE\n"
        "def test_add(): assert shop.add(ONE, 2) == a(1, 2) == 3\n",
    },
    "a module of a package": {
        "shop/__init__.py": "from shop.core import add\nSUM = 3\n",
        "shop/core.py": "",
        "test_core.py": "import shop\nfrom shop import core\n"
        "def test_add(): assert core.add(1, 2) == shop.SUM == shop.add(2, 1)\n",
    },
    "a name in a constant": {
        "sums.py": "",
        "cases.py": "CASES = [(1, 2, 3)]\n",
        "test_sums.py": "from importlib import import_module\nfrom cases import CASES\n"
        "MODULE = 'sums'\nadd = import_module(MODULE).add\n"
        "def test_add():\n    for a, b, c in CASES: assert add(a, b) == c\n",
    },
    "the folder is a package": {
        "__init__.py": "",
        "sums.py": "",
        "helpers.py": "def same(a, b): assert a == b\n",
        "test_sums.py": "from .helpers import same\nfrom .sums import add\n"
        "def test_add(): same(add(1, 2), 3)\n",
    },
    "a name like that of a helper": {
        "my_data.py": "",
        "test_p1.py": "from my_data import add\n" + TEST,
    },
    "conftest": {
        "sums.py": "",
        "tests/conftest.py": "import os, pytest, sys\n"
        "sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))\n"
        "@pytest.fixture(params=[1, 2])\ndef two(request): return request.param, 1\n"
        "def pytest_addoption(parser):\n"
        "    parser.getgroup('ours').addoption('--more-sums', action='store_true')\n"
        "    parser.addini('rows', 'how many', type='args')\n"
        "def pytest_configure(config):\n"
        "    config.addinivalue_line('markers', 'slow: takes long')\n"
        "    pytest.more = config.getoption('--more-sums')\n",
        "tests/test_sums.py": "import pytest\nfrom sums import add\nassert pytest.more is False\n"
        "def test_two(two, pytestconfig):\n    assert add(*two) == sum(two)\n"
        "    assert pytestconfig.getoption('more_sums') is pytestconfig.option.more_sums is False\n"
        "    assert pytestconfig.getini('rows') == []\n",
    },
    "data in the folder of the tests": {
        "sums.py": "",
        "tests/data/rows.csv": "1,2,3\n",
        "tests/test_sums.py": "import csv, glob, os\nfrom pathlib import Path\n"
        "from sums import add\n"
        "def test_rows():\n    with open('tests/data/rows.csv') as file:\n"
        "        a, b, c = map(int, next(csv.reader(file)))\n    assert add(a, b) == c\n"
        "    assert glob.glob('tests/data/*.csv') == ['tests/data/rows.csv']\n"
        "    assert list(Path('tests').glob('**/*.csv')) == [Path('tests/data/rows.csv')]\n"
        "    assert os.path.isfile('tests/data/rows.csv') and not os.path.exists('tests/none')\n",
    },
    "the tests are a package": {
        "sums.py": "",
        "tests/__init__.py": "ROWS = [(1, 2, 3)]\n",
        "tests/helpers.py": "from . import ROWS\ndef same(a, b): assert a == b\n",
        "tests/data/__init__.py": "from .more import MORE\n",
        "tests/data/more.py": "from ..helpers import same\nMORE = [(2, 2, 4), same]\n",
        "tests/test_sums.py": "import tests.helpers\nfrom sums import add\n"
        "from tests.helpers import same\nfrom tests import data\nfrom . import ROWS, helpers\n"
        "from .data.more import MORE\nfrom unittest import mock\n"
        "def test_add():\n    for a, b, c in [*ROWS, MORE[0]]: same(add(a, b), c)\n"
        "    assert data.MORE is MORE and tests.helpers is helpers and same is MORE[1]\n"
        "    with mock.patch('tests.helpers.same', print): assert helpers.same is print\n",
    },
    "by their package": {
        "__init__.py": "",
        "sums.py": "",
        "test_sums.py": "from . import sums\n"
        "def test_add(): assert sums.add(1, 2) == 3 and sums.__name__ == 'sums'\n",
    },
    "the package and a name in a string": {
        "shop/__init__.py": "from .core import *\n",
        "shop/core.py": "",
        "tests/test_core.py": "import shop\nMODULE = 'shop.core'\n"
        "def test_add(): assert shop.add(1, 2) == 3\n",
    },
}


def lay(folder: Path, files: dict[str, str], code: str) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if text or name.endswith("__init__.py") else code)
    return folder


@pytest.fixture
def one(pool: GraderPool) -> Callable[[Item], Awaitable[Report]]:
    """What the command tells of one exercise; a pool that runs already grades it."""
    limits = Limits(cpu_seconds=10, wall_seconds=30, memory_mb=512, processes=64)
    batch = Batch(items=(), limits=limits, minimum="own", jobs=1, bar=Bar(1, "", quiet=True))
    return lambda item: batch._report(pool, item)


@pytest.fixture
def each(one: Callable[[Item], Awaitable[Report]]) -> Callable[[Path], Awaitable[list[Report]]]:
    """What `--each` tells of a folder."""

    async def run(folder: Path) -> list[Report]:
        return [await one(item) for item in find_exercises(folder)]

    return run


async def test_ordinary_layouts_are_found(tmp_path: Path, each) -> None:
    for name, files in LAYOUTS.items():
        lay(tmp_path / "right" / name, files, ADD)
        lay(tmp_path / "wrong" / name, files, WRONG)

    right = await each(tmp_path / "right")
    assert {r["name"]: r["status"] for r in right} == dict.fromkeys(sorted(LAYOUTS), "passed")
    wrong = await each(tmp_path / "wrong")
    passed = {r["name"] for r in wrong if r["status"] not in ("failed", "partial")}
    assert passed == set()


async def test_one_submission_is_found_by_the_name_that_its_tests_have_for_it(
    tmp_path: Path, one
) -> None:
    files = LAYOUTS["a package"]
    lay(tmp_path, files, ADD)
    named = Exercise.of(tmp_path / "src/sums.py", tmp_path / "test/test_sums.py")
    assert (await one(named))["status"] == "passed"

    same = lay(tmp_path / "sums", {"sums.py": "def sums(): return 1\n"}, "")
    (same / "t.py").write_text(
        "import sums\nfrom sums import sums as s\nassert sums.sums() == s()\n"
    )
    assert (await one(Exercise.of(same / "sums.py", same / "t.py")))["status"] == "passed"


def test_a_file_of_a_package_is_known_by_the_package(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "from .core import add\n", "shop/core.py": "", "t.py": TEST}
    lay(tmp_path, files | {"tests/test_shop.py": "import shop\n" + TEST}, ADD)
    known = {}
    for solution in ("shop/__init__.py", "shop/core.py"):
        exercise = Exercise.of(tmp_path / solution, tmp_path / "tests/test_shop.py")
        known[exercise.module] = {name for name in exercise.student_files() if "/" in name}

    assert known == {"shop": {"shop/core.py"}, "shop.core": {"shop/__init__.py"}}
    assert Exercise.of(tmp_path / "shop/core.py", tmp_path / "t.py").module == "core"


async def test_each_side_has_only_what_lies_beside_it(tmp_path: Path, each) -> None:
    """A student's file is no helper of the tests, nor are theirs at hand for the student."""
    test = "from answers import TOTAL\nfrom src.sums import add\n"
    test += "def test_add(): assert add(1, 2) == TOTAL\n"
    files = {"src/sums.py": "", "src/answers.py": "TOTAL = -1\n", "tests/test_sums.py": test}
    lay(tmp_path / "a", files | {"tests/answers.py": "TOTAL = 3\n"}, WRONG)
    cheat = "import answers\ndef add(a, b): return answers.TOTAL\n"
    lay(tmp_path / "b", files | {"tests/answers.py": "TOTAL = 3\n"}, cheat)
    lay(tmp_path / "c", files | {"tests/answers.py": "TOTAL = 3\n"}, ADD)

    reports = await each(tmp_path)
    assert [report["status"] for report in reports] == ["failed", "failed", "passed"]


async def test_a_module_of_the_students_never_runs_beside_the_tests(tmp_path: Path, each) -> None:
    """It runs beside their solution, also where the tests put its folder on their path."""
    test = "import sys\nfrom pathlib import Path\n"
    test += "sys.path.insert(0, str(Path(__file__).parent.parent / 'src'))\n"
    test += "import other\nfrom sums import add\n" + TEST
    gone = "import sys\nsys.modules['sums'].add = lambda a, b: a + b\n"
    gone += "assert not any('test_sums' in name for name in sys.modules)\n"
    files = {"src/sums.py": "", "tests/test_sums.py": test}
    lay(tmp_path / "a", files | {"src/other.py": gone}, WRONG)
    lay(tmp_path / "b", files | {"src/other.py": "OTHER = 1\n"}, WRONG)

    reports = await each(tmp_path)
    assert [report["status"] for report in reports] == ["passed", "failed"]


#: Two modules of the student's: both are what the tests ask, and share their classes.
SHAPES = "class Box:\n    def __init__(self, side): self.side = side\n"
AREA = "from shapes import Box\ndef area(box):\n"
AREA += "    assert isinstance(box, Box)\n    return box.side ** 2\n"
AREA_TEST = "from area import area\nfrom shapes import Box\n"
AREA_TEST += "def test_area(): assert area(Box(3)) == 9\n"
AREA_TEST += "def test_side(): assert isinstance(Box(2), Box) and Box(2).side == 2\n"


async def test_several_modules_may_be_the_students(tmp_path: Path, each) -> None:
    lay(tmp_path / "flat", {"area.py": "", "shapes.py": SHAPES, "test_area.py": AREA_TEST}, AREA)
    apart = {"area.py": "", "shapes.py": SHAPES, "tests/test_area.py": AREA_TEST}
    lay(tmp_path / "own folder", apart, AREA)
    wrong = apart | {"shapes.py": SHAPES.replace("= side", "= 4")}
    lay(tmp_path / "wrong", wrong, AREA)

    reports = await each(tmp_path)
    assert [report["status"] for report in reports] == ["passed", "passed", "failed"]


async def test_a_students_file_takes_no_module_from_the_tests(tmp_path: Path, each) -> None:
    """Whatever its name is: of Python, of a framework, or of a helper of theirs."""
    test = "import fractions, checks\nfrom sums import add\n"
    test += "def test_add(): checks.same(fractions.Fraction(add(1, 2)), 3)\n"
    checks = "def check(): pass\ndef same(a, b): assert a == b\n"
    lying = "class Fraction:\n    def __new__(cls, n): return 3\n"
    files = {"sums.py": "", "test_sums.py": test, "checks.py": checks, "fractions.py": lying}
    cheat = "import checks, fractions\nchecks.same = lambda a, b: None\n"
    lay(tmp_path / "a", files, cheat + WRONG)
    needed = {"collections.py": "", "test_collections.py": "from collections import add\n" + TEST}
    lay(tmp_path / "b", needed, ADD)

    wrong, refused = await each(tmp_path)
    assert wrong["status"] == "failed"
    assert refused["error"].endswith("module 'collections': give the file another name.")


async def test_a_long_solution_is_graded_from_a_folder(tmp_path: Path, each) -> None:
    for name, size in (("a", 100), ("b", 600)):
        code = f"TABLE = '{'x' * size * 1024}'\n{ADD}"
        lay(tmp_path / name, {"sums.py": "", "test_sums.py": TEST}, code)

    first, second = await each(tmp_path)
    assert (first["status"], second["status"]) == ("passed", "failed")
    assert second["message"].endswith("the code is larger than 512 KB.")


async def test_a_file_that_is_no_text_is_left_where_it_is(tmp_path: Path, each) -> None:
    code = "PICTURE = 'sun.png'\nROWS = open('rows.txt').read()\n" + ADD
    lay(tmp_path / "a", {"sums.py": "", "rows.txt": "1", "test_sums.py": TEST}, code)
    (tmp_path / "a/sun.png").write_bytes(b"\x89PNG\xff")

    assert (await each(tmp_path))[0]["status"] == "passed"


async def test_an_import_that_is_guarded_or_never_reached_refuses_nothing(
    tmp_path: Path, each
) -> None:
    code = "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None\n"
    code += "def plot():\n    import nowhere.plots\n" + ADD
    code += "if __name__ == '__main__':\n    import nowhere\n"
    lay(tmp_path / "a", {"sums.py": "", "test_sums.py": TEST}, code)
    lay(tmp_path / "b", {"sums.py": "", "test_sums.py": TEST}, "import nowhere\n" + ADD)

    assert [r["status"] for r in await each(tmp_path)] == ["passed", "failed"]


async def test_files_that_a_conftest_makes_are_the_students_too(tmp_path: Path, each) -> None:
    """Where the test itself names no file."""
    code = "from pathlib import Path\nPATH = Path('rows')\ndef add(n):\n"
    files = {
        "rows.py": code + "    PATH.write_text(f'{PATH.read_text()} {n}')\n",
        "conftest.py": "import pytest, rows\n@pytest.fixture\ndef other(tmp_path, monkeypatch):\n"
        "    path = tmp_path / 'rows'\n    path.write_text('1 2')\n"
        "    monkeypatch.setattr(rows, 'PATH', path)\n    return path\n",
        "test_rows.py": "import rows\ndef test_add(other):\n    rows.add(3)\n"
        "    assert other.read_text() == '1 2 3'\n",
    }
    lay(tmp_path / "rows", files, "")

    assert [report["status"] for report in await each(tmp_path)] == ["passed"]
