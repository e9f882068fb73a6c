"""Tests that start the student's file, read it, or check things outside of their functions."""

from __future__ import annotations

import pytest

from tests.grader.conftest import Grade, as_tests, failures

ADDER = """
import sys
def main():
    numbers = [int(word) for word in sys.argv[1:]] or [int(w) for w in sys.stdin.read().split()]
    if not numbers:
        print("usage: adder N…", file=sys.stderr)
        sys.exit(2)
    print(sum(numbers))
if __name__ == "__main__":
    main()
"""
STARTED = """
import os, subprocess, sys
import pytest

def run(*words, text="", **options):
    command = [sys.executable, "answer.py", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, **options)

def test_words(): assert run("1", "2").stdout == "3\\n"
def test_typed(): assert run(text="4 5").stdout == "9\\n"
def test_usage():
    done = run()
    assert (done.returncode, done.stdout) == (2, "") and "usage" in done.stderr
    with pytest.raises(subprocess.CalledProcessError): run(check=True)
def test_traceback():
    done = run("x")
    assert done.returncode == 1 and "ValueError: invalid literal" in done.stderr
    assert done.stderr.startswith("Traceback") and 'File "answer.py", line 4' in done.stderr
def test_bytes():
    assert subprocess.check_output(["python3", "-u", "answer.py", "7"]) == b"7\\n"
    assert subprocess.check_output([sys.executable, "-m", "answer", "7", "1"]) == b"8\\n"
def test_command_line():
    assert subprocess.getoutput("python3 answer.py 7 8") == "15"
    assert subprocess.check_output("python answer.py 3", shell=True) == b"3\\n"
def test_pipes():
    pipe = subprocess.PIPE
    with subprocess.Popen(["python3", "answer.py"], stdin=pipe, stdout=pipe, stderr=pipe) as it:
        it.stdin.write(b"20 ")
        assert it.communicate(b"22") == (b"42\\n", b"") and it.returncode == it.wait() == 0
def test_files(tmp_path):
    (tmp_path / "in.txt").write_text("6 1")
    with open(tmp_path / "in.txt") as typed, open(tmp_path / "out.txt", "w") as printed:
        subprocess.check_call(["python3", "answer.py"], stdin=typed, stdout=printed)
    assert (tmp_path / "out.txt").read_text() == "7\\n"
def test_nothing_of_it_stays():
    before = (list(sys.argv), sys.stdin, sys.stdout, dict(os.environ))
    run("1", env={"WHERE": "here"})
    assert (list(sys.argv), sys.stdin, sys.stdout, dict(os.environ)) == before
"""


async def test_the_students_file_can_be_started(grade_suite: Grade) -> None:
    assert failures(await grade_suite(ADDER, STARTED)) == []

    wrong = await grade_suite(ADDER.replace("sum(", "max("), STARTED)
    passed = {test.name for test in wrong.tests if test.status == "passed"}
    assert passed == {"test_usage", "test_traceback", "test_nothing_of_it_stays"}


async def test_it_may_read_its_input_as_bytes(grade_suite: Grade) -> None:
    code = "import sys\nn = int(sys.stdin.buffer.readline())\nprint(n, sys.stdin.buffer.read())\n"
    source = """
    import subprocess, sys
    def test_bytes():
        said = subprocess.run([sys.executable, "answer.py"], input=b"3\\na b", capture_output=True)
        assert said.stdout == b"3 b'a b'\\n"
    """

    assert failures(await grade_suite(code, source)) == []
    assert (await grade_suite(code.replace("n, ", ""), source)).points == 0


async def test_a_started_program_keeps_its_limits(grade_suite: Grade) -> None:
    source = "from subprocess import run\ndef test_a(): run(['python', 'answer.py'], timeout=60)\n"

    assert (await grade_suite("while True: pass", source)).status == "timeout"
    ended = await grade_suite("import os\nos._exit(0)", source)
    assert (ended.status, ended.reason) == ("failed", "crash")
    refused = await grade_suite(
        "__import__('os').getcwd()", source.replace("60", "60, check=True"), allow_imports=()
    )
    assert refused.status == "failed"


OTHERS = [
    "subprocess.run(['ls'])",
    "subprocess.run([sys.executable, '-c', 'print(1)'])",
    "subprocess.run([sys.executable, 'other.py'])",
    "subprocess.run('python answer.py; ls', shell=True)",
    "os.system('ls')",
]


@pytest.mark.parametrize("other", OTHERS)
async def test_another_program_is_refused_in_that_test_only(other: str, grade_suite: Grade) -> None:
    start = f"import os, subprocess, sys\ndef test_other():\n    {other}\n"

    verdict = await grade_suite(ADDER, start + "def test_main(): assert callable(main)\n")

    assert [test.status for test in verdict.tests] == ["error", "passed"]
    assert (verdict.points, verdict.max_points) == (1, 2)
    assert "answer_test.py, line 3: the tests start another" in verdict.tests[0].message
    alone = await grade_suite(ADDER, start)
    assert (alone.status, alone.reason) == ("error", "bad_tests")
    assert alone.message.startswith("answer_test.py, line 3: the tests start another program")


READ = """
import ast, os
from pathlib import Path
import answer
HERE = os.path.dirname(os.path.abspath(__file__))
def test_open(): assert "for " not in open("answer.py").read()
def test_of_the_module(): assert "for " not in open(answer.__file__).read()
def test_lines():
    with open(os.path.join(HERE, "answer.py"), encoding="utf-8") as file:
        assert not any("for " in line for line in file)
def test_tree():
    tree = ast.parse(Path("answer.py").read_text())
    assert not any(isinstance(node, ast.For) for node in ast.walk(tree))
def test_bytes(): assert b"for " not in (Path(__file__).parent / "answer.py").read_bytes()
def test_value(): assert answer.total([1, 2]) == 3
"""


async def test_tests_read_what_was_submitted_and_nothing_that_the_code_wrote(
    grade_suite: Grade,
) -> None:
    right = "def total(rows): return sum(rows)\n"
    loop = "def total(rows):\n    n = 0\n    for row in rows: n += row\n    return n\n"
    hide = f"with open('answer.py', 'w') as file: file.write({right!r})\n"

    assert failures(await grade_suite(right, READ)) == []
    for code in (loop, hide + loop):
        verdict = await grade_suite(code, READ)
        assert [test.name for test in verdict.tests if test.status == "passed"] == ["test_value"]


async def test_other_files_are_opened_as_ever(grade_suite: Grade) -> None:
    source = """
    import pytest
    def test_own(tmp_path):
        (tmp_path / "answer.py").write_text("mine")
        assert open(tmp_path / "answer.py").read() == "mine"
        with pytest.raises(FileNotFoundError): open("nothing.py")
        with open(tmp_path / "rows.txt", "w") as file: file.write("a")
        assert first(str(tmp_path / "rows.txt")) == "a"
    """

    code = "def first(path):\n    with open(path) as file: return file.read()\n"
    assert failures(await grade_suite(code, source)) == []


CHECKED = "from answer import zeros\nassert zeros(2) == [0, 0]\ndef test_one(): assert zeros(1)\n"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def zeros(n): return [1] * n", ""),
        ("def zeros(n): return 1 / 0", "ZeroDivisionError"),
        ("import os\ndef zeros(n): os._exit(0)", "ended the whole Python process"),
    ],
)
async def test_a_check_outside_of_functions_is_the_students_failure(
    code: str, message: str, grade_suite: Grade
) -> None:
    verdict = await grade_suite(code, CHECKED)

    assert verdict.status == "failed"
    assert (verdict.points, verdict.max_points) == (0, 1)
    assert [test.name for test in verdict.tests] == ["line 2"]
    assert message in verdict.tests[0].message
    assert failures(await grade_suite("def zeros(n): return [0] * n", CHECKED)) == []


async def test_what_the_file_does_wrong_by_itself_stays_the_authors(grade_suite: Grade) -> None:
    for own in ("assert 1 == 2", "rows = {}['a']"):
        verdict = await grade_suite("def zeros(n): return [0]", f"{own}\n{CHECKED}")

        assert (verdict.status, verdict.reason) == ("error", "bad_tests")
        assert verdict.message.startswith("answer_test.py, line 1: ")


HELPER = """
from answer import zeros
def testing(actual, expected): assert actual == expected, f"{actual} != {expected}"
testing(zeros(1), [0])
testing(zeros(2), [0, 0])
"""


async def test_a_helper_called_testing_is_no_test(grade_suite: Grade) -> None:
    right = "def zeros(n): return [0] * n"
    more = HELPER + "def test_none(): assert zeros(0) == []\n"

    checks = await grade_suite(right, HELPER)
    assert failures(checks) == []
    assert len(checks.tests) == 2
    assert [t.name for t in (await grade_suite(right, more)).tests] == ["test_none"]
    half = await grade_suite("def zeros(n): return [0]", HELPER)
    assert [test.status for test in half.tests] == ["passed", "failed"]
    assert half.tests[1].message == "[0] != [0, 0]"
    assert (await grade_suite("def zeros(n): return [0]", more)).points == 0


DESCRIBED = """
from answer import double
class Test:
    @staticmethod
    def describe(text):
        return lambda function: function()
    it = describe
    @staticmethod
    def assert_equals(actual, expected): assert actual == expected, f"{actual} != {expected}"
test = Test

@test.describe("Numbers")
def numbers():
    @test.it("small")
    def small(): test.assert_equals(double(2), 4)

@test.describe("Texts")
def texts():
    @test.it("short")
    def short(): test.assert_equals(double("a"), "aa")
"""


async def test_a_file_that_describes_its_tests_with_a_class_of_its_own_is_a_script(
    grade_suite: Grade,
) -> None:
    assert failures(await grade_suite("def double(x): return x * 2", DESCRIBED)) == []

    half = await grade_suite("def double(x): return x + x if x == 2 else 0", DESCRIBED)
    assert [test.status for test in half.tests] == ["passed", "failed"]
    assert 'describe("Texts")' in half.tests[1].name
    assert half.tests[1].message == "0 != aa"
    broken = await grade_suite("x = 1", "class Test:\n    def describe(self): pass\n")
    assert broken.message == "answer_test.py: defines no test"


async def test_a_check_in_one_cell_may_start_the_students_file(grade: Grade) -> None:
    check = "import subprocess\nassert subprocess.getoutput('python answer.py 3') == '3'"

    for visible in ("sample", "hidden"):
        tests = as_tests(check, visible=visible)
        assert failures(await grade(ADDER, tests)) == []
        assert (await grade(ADDER.replace("sum(", "len("), tests)).status == "failed"


SCRIPT = f"#!/usr/bin/env python3\n{ADDER}"
AS_A_SCRIPT = """
import os, pathlib
from subprocess import getoutput, getstatusoutput
PRG = "./answer.py"
def test_is_there():
    assert os.path.isfile(PRG) and os.path.exists("answer.py") and os.access(PRG, os.R_OK)
    assert pathlib.Path(PRG).is_file() and os.path.getsize(PRG) == len(open(PRG, 'rb').read())
    assert not os.path.exists("./other_answer.py") and not os.path.isdir(PRG)
def test_by_its_first_line(): assert getstatusoutput(f"{PRG} 1 2") == (0, "3")
def test_quoted(): assert getoutput(f"python3 {PRG} '7' \\"8\\"") == "15"
def test_usage():
    status, said = getstatusoutput(f"python3 {PRG}")
    assert status == 2 and said.startswith("usage")
def test_what_a_shell_would_read():
    assert "invalid literal" in getoutput(f"python3 {PRG} 'a*b?'")
"""


async def test_a_script_is_there_and_starts_by_its_first_line(grade_suite: Grade) -> None:
    assert failures(await grade_suite(SCRIPT, AS_A_SCRIPT)) == []

    plain = await grade_suite(SCRIPT.removeprefix("#!/usr/bin/env python3"), AS_A_SCRIPT)
    assert [t.name for t in plain.tests if t.status != "passed"] == ["test_by_its_first_line"]
    wrong = await grade_suite(SCRIPT.replace("sys.exit(2)", "sys.exit(0)"), AS_A_SCRIPT)
    assert [t.name for t in wrong.tests if t.status != "passed"] == ["test_usage"]
