"""What hidden tests of a problem hand to the student's code, and what they are refused."""

from __future__ import annotations

from tests.grader.conftest import Grade, failures

CODE = """
def same(thing): return thing
def fields(person): return person.name, person.age
def birthday(person): person.age += 1
def equal(one, other): return one == other
def value(member): return member.value
def members(kind): return [member.name for member in kind]
def spoil(thing):
    try: return thing.__class__.__mro__[1].__subclasses__()
    except Exception: return None
def methods(thing): return sorted(name for name in dir(thing) if name[0] != "_")
def call(thing, name): return getattr(thing, name)()
"""
PERSON = """
import dataclasses
@dataclasses.dataclass
class Person:
    name: str
    age: int = 0
    def secret(self): return "pq81hidden"
"""


async def test_a_dataclass_of_the_test_is_known_by_its_fields(grade: Grade) -> None:
    test = PERSON + (
        "ana = Person('ana', 3)\nassert fields(ana) == ('ana', 3)\nbirthday(ana)\n"
        "assert ana.age == 4\nana.age = 9\nassert fields(ana) == ('ana', 9)\n"
        "assert equal(Person('x'), Person('x')) and not equal(Person('x'), Person('y'))\n"
        "assert same(ana) is ana\n"
    )

    assert failures(await grade(CODE, test, visible="hidden", objects=True)) == []


async def test_its_methods_stay_on_the_side_of_the_tests(grade: Grade) -> None:
    test = PERSON + "import pytest\nwith pytest.raises(AttributeError): call(Person('x'), 'secret')"

    assert failures(await grade(CODE, test, visible="hidden", objects=True)) == []


async def test_an_enumeration_of_the_test_is_known_by_names_and_values(grade: Grade) -> None:
    test = (
        "import enum\nclass Size(enum.Enum):\n    S, L = 1, 'x'\n"
        "assert value(Size.S) == 1 and same(Size.L) is Size.L and same(Size) is Size\n"
        "assert members(Size) == ['S', 'L']"
    )

    assert failures(await grade(CODE, test, visible="hidden", objects=True)) == []


async def test_of_queues_and_files_only_the_listed_methods_can_be_called(grade: Grade) -> None:
    test = (
        "import asyncio, queue, pytest\n"
        "assert call(queue.Queue(), 'empty') is True\n"
        "for name in ('join', '_init', 'mutex'):\n"
        "    with pytest.raises((AttributeError, TypeError)): call(queue.Queue(), name)\n"
        "with open('/dev/null') as file:\n"
        "    assert call(file, 'read') == ''\n"
        "    with pytest.raises((AttributeError, TypeError)): call(file, 'fileno')\n"
    )

    assert failures(await grade(CODE, test, visible="hidden", objects=True)) == []


async def test_what_cannot_be_handed_over_is_told_to_the_author_with_the_way_round(
    grade: Grade,
) -> None:
    test = "class Shelf:\n    books = 3\n\nassert same(Shelf()) is not None\n"

    verdict = await grade(CODE, test, visible="hidden", objects=True)

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert "line 4: a test cannot hand a Shelf to the student's code" in verdict.message
    assert "or make it in `given`" in verdict.message


async def test_an_object_of_ones_own_is_not_compared_with_a_plain_value_and_this_is_said(
    grade: Grade,
) -> None:
    code = (
        "class Pair:\n    def __init__(self, x): self.x = x\n"
        "    def __eq__(self, other): return True\n"
    )

    verdict = await grade(code, "assert Pair(1) == (1, 2)", objects=True)

    assert verdict.status == "failed"
    assert "Objects of Pair are compared with each other only" in verdict.tests[0].message


async def test_a_change_of_a_list_that_the_test_does_not_keep_is_never_lost(grade: Grade) -> None:
    code = "class Box:\n    def __init__(self): self.items = []\n"
    test = (
        "boxes = [Box() for _ in range(60)]\n"
        "for number, box in enumerate(boxes):\n    box.items.append(number)\n"
        "assert [box.items for box in boxes] == [[number] for number in range(60)]\n"
    )

    assert failures(await grade(code, test, visible="hidden", objects=True)) == []


KEEPING = """
class Logger:
    def __init__(self, out): self.out = out
    def log(self, text): print(text, file=self.out)
    def line(self): return self.out.readline()
def front(ordered, key): ordered.move_to_end(key, last=False)
def close(stream):
    with stream: return stream.read()
class Keep:
    def __init__(self, held): self.held = held
"""


async def test_a_stream_that_the_code_keeps_is_the_tests_own(grade: Grade) -> None:
    test = (
        "import io\nout = io.StringIO()\nlogger = Logger(out)\nlogger.log('a')\nlogger.log('b')\n"
        "assert out.getvalue() == 'a\\nb\\n'\nout.seek(0)\n"
        "assert logger.line() == 'a\\n' and out.readline() == 'b\\n'\n"
        "out.truncate(0)\nout.seek(0)\nlogger.log('c')\nassert out.getvalue() == 'c\\n'\n"
        "assert close(out) == '' and out.closed\n"
    )

    assert failures(await grade(KEEPING, test, visible="hidden", objects=True)) == []


async def test_an_ordered_dictionary_keeps_its_items_when_they_change_places(grade: Grade) -> None:
    test = (
        "from collections import OrderedDict\nordered = OrderedDict(a=1, b=2)\n"
        "front(ordered, 'b')\nassert list(ordered.items()) == [('b', 2), ('a', 1)]\n"
    )

    assert failures(await grade(KEEPING, test, visible="hidden")) == []


async def test_of_a_mapping_of_another_kind_the_contents_are_kept(grade: Grade) -> None:
    test = (
        "from collections import ChainMap\nkeep = Keep(ChainMap({'a': 1}, {'b': 2}))\n"
        "assert keep.held == {'a': 1, 'b': 2}\n"
    )

    assert failures(await grade(KEEPING, test, visible="hidden", objects=True)) == []


async def test_keywords_may_have_any_name(grade: Grade) -> None:
    code = "class T:\n    def put(self, /, **kw): return kw\ndef f(_=0, /, **kw): return kw\n"
    names = "self=1, cls=2, target=3, args=4, kwargs=5, instance=6, name=7"
    test = f"assert f({names}) == T().put({names}) == dict({names})"

    assert failures(await grade(code, test, objects=True)) == []
