"""Which cell is sent."""

import pytest

from pythonmastery_ext.kernelside.answer import find_answer
from pythonmastery_ext.kernelside.errors import NoAnswer


def find(*cells, entry=("double",)):
    return find_answer(["", *cells], entry)


def test_the_newest_cell_that_defines_the_function_is_the_answer():
    old, new = "def double(x):\n    return x", "def double(x):\n    return 2 * x"
    answer = find(old, "double(1)", new, "double(2)")
    assert (answer.code, answer.cell) == (new, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "async def double(x): ...",
        "class double: ...",
        "double = lambda x: 2 * x",
        "half, double = 1, 2",
        "double: int = 2",
        "import math\n\nrate = 2\n\ndef double(x):\n    return x * rate",
    ],
)
def test_every_kind_of_definition_counts(cell):
    assert find(cell).code == cell


@pytest.mark.parametrize(
    "cell",
    ["double(3)", "double", "x.double = 3", "double['a'] = 3", "# def double(x):", "double == 2"],
)
def test_a_mention_is_no_definition(cell):
    with pytest.raises(NoAnswer):
        find(cell)


def test_a_newer_version_with_a_syntax_error_goes_before_an_older_one():
    broken = "def double(x)\n    return 2 * x"
    assert find("def double(x):\n    return x", broken).code == broken


def test_our_own_lines_are_not_sent_and_the_others_keep_their_numbers():
    cell = "%load_ext pythonmastery_ext\ndef double(x):\n    return 2 * x\n%pythonmastery check"
    assert find(cell).code == "\ndef double(x):\n    return 2 * x\n"


def test_a_cell_that_submitted_itself_is_an_answer_later():
    assert find("%%pythonmastery submit\ndef double(x): return 2").code == (
        "def double(x): return 2"
    )


def test_names_in_several_cells_are_refused_with_the_way_out():
    with pytest.raises(NoAnswer, match="put them into one cell"):
        find("def double(x): ...", "def half(x): ...", entry=("double", "half"))


def test_a_missing_name_is_named():
    with pytest.raises(NoAnswer, match="define double but not half"):
        find("def double(x): ...", entry=("double", "half"))


def test_an_empty_history_says_which_cell_to_run():
    with pytest.raises(NoAnswer, match="Run the cell that defines double first"):
        find()


def test_a_problem_without_entry_asks_for_the_cell_magic():
    with pytest.raises(NoAnswer, match="%%pythonmastery submit"):
        find("print('hello')", entry=())
