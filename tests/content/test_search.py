"""Instructors look for tests by what their arguments hold."""

import pytest

from pythonmastery_ext.curriculum import search
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.inputs import described
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.curriculum.search import Wanted
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import InvalidFields
from tests.api.course import make_course
from tests.content.course import edit


@pytest.mark.parametrize(
    ("args", "kinds"),
    [
        ([1, "a", {"b": 2}], []),
        ([None, True], ["none", "boolean"]),
        ([0, -3], ["zero", "negative"]),
        ([-0.5, 2.0], ["negative", "fraction"]),
        (["", " é"], ["empty_text", "padded_text", "not_ascii"]),
        ([[]], ["empty_list"]),
        ([[1, [2, 3]]], ["nested_list"]),
        ([[0, 0]], ["zero", "repeated_item"]),
        ([[7]], ["one_item"]),
        ([{}, {"$python": "{1: []}"}], ["empty_dict", "other_type"]),
        ([{"rows": [{"day": None}, {}]}], ["none", "empty_dict"]),
    ],
)
def test_kinds_are_found_at_any_depth(args, kinds):
    assert described({"args": args, "kwargs": {}})["kinds"] == kinds
    assert described({"args": [], "kwargs": {"rows": args[0]}, "call": "f"})["values"]


@pytest.fixture
async def course(db: Database, tmp_path):
    """`double`: its test "t-zero" is about other values now."""
    folder = make_course(tmp_path / "course")
    source = "assert double([None, 'é', {'a': (1, 2)}]) == 0"
    edit(folder / "01-numbers" / "double.ipynb", "t-zero", source=source)
    await reload(db, folder)
    return folder


async def reload(db: Database, folder) -> None:
    async with db.transaction() as session:
        report = await load_course(session, read_course(folder))
    assert not report.errors


async def found(db: Database, **wanted) -> list[tuple[str, str]]:
    async with db.transaction() as session:
        page = await search.tests(session, Wanted(**wanted))
    return [(test.problem, test.key) for test in page.tests]


ODD = [("double", "t-zero")]
ZERO = [("double-again", "t-zero"), ("double-more", "t-zero"), ("double-late", "t-zero")]


async def test_a_test_is_found_by_all_of_what_is_asked(db, course):
    for wanted, tests in (
        ({"kinds": ("none",)}, ODD),
        ({"kinds": ("zero",)}, ZERO),
        ({"kinds": ("none", "zero")}, []),
        ({"values": ("None", '"é"')}, ODD),
        ({"values": ("(1,2)",)}, ODD),
        ({"values": ("[None, 'é', {'a': (1, 2)}]",)}, ODD),
        ({"values": ("[None]",)}, []),
        ({"values": ("0",), "call": "double"}, ZERO),
        ({"call": "halve"}, []),
    ):
        assert sorted(await found(db, **wanted)) == sorted(tests), wanted


async def test_only_what_is_published_now_is_found(db, course):
    edit(course / "01-numbers" / "double.ipynb", "t-zero", source="assert double(0) == 0")
    edit(course / "01-numbers" / "double.ipynb", problem={"version": "1.1.0"})
    await reload(db, course)
    assert await found(db, kinds=("none",)) == []
    assert len(await found(db, kinds=("zero",))) == 4
    (course / "02-later" / "double-late.ipynb").unlink()
    await reload(db, course)
    assert len(await found(db, kinds=("zero",))) == 3


async def test_pages_go_on_without_gap_or_repetition(db, course):
    whole, after, read = await found(db, call="double"), None, []
    while True:
        async with db.transaction() as session:
            page = await search.tests(session, Wanted(call="double", after=after, limit=3))
        read += [(test.problem, test.key) for test in page.tests]
        after = page.after
        if after is None:
            break
    assert read == whole
    assert len(read) == 16


async def test_what_cannot_be_looked_for_is_refused(db):
    for wanted in (
        {},
        {"kinds": ("empty",)},
        {"values": ("def",)},
        {"values": ("",)},
        {"values": ("'\0",)},
        {"values": ("[" * 500,)},
        {"values": (repr("x" * 300),)},
        {"call": "f()"},
        {"call": "f", "after": "yesterday"},
    ):
        with pytest.raises(InvalidFields):
            await found(db, **wanted)
