"""What student's code may do with functions, classes and objects of open tests."""

from __future__ import annotations

import pytest

from tests.grader.conftest import Grade, failures

DECORATORS = """
import functools, inspect
def shown(cls):
    def text(self): return ", ".join(f"{k}={v!r}" for k, v in vars(self).items())
    cls.__repr__ = lambda self: f"{cls.__name__}({text(self)})"
    return cls
def by_fields(cls):
    def eq(self, other):
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented
    cls.__eq__ = eq
    return cls
def made(cls):
    def init(self, *values):
        for name, value in zip(cls.__annotations__, values): setattr(self, name, value)
    cls.__init__ = init
    return cls
def counted(cls):
    cls.count, first = 0, cls.__init__
    def init(self, *values):
        cls.count += 1
        first(self, *values)
    cls.__init__ = init
    return cls
def derived(cls):
    class New(cls):
        def hello(self): return "new " + super().hello()
    return New
def frozen(cls):
    first = cls.__init__
    def init(self, *values):
        first(self, *values)
        object.__setattr__(self, "_done", True)
    def set_attribute(self, name, value):
        if getattr(self, "_done", False): raise AttributeError("frozen")
        object.__setattr__(self, name, value)
    cls.__init__, cls.__setattr__ = init, set_attribute
    return cls
def curry(f):
    count = f.__code__.co_argcount
    def curried(*args):
        return f(*args) if len(args) >= count else lambda *more: curried(*args, *more)
    return curried
def told(f): return str(inspect.signature(f)), f.__annotations__, f.__defaults__
def named(f):
    f.__name__, f.tag = "other", 3
    return f
def clone(node): return type(node)(node.value)
def fill(box): box.items.append(len(box.items)); box.items.append(box.size())
class Positive:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, thing, owner=None):
        return self if thing is None else getattr(thing, self.name)
    def __set__(self, thing, value):
        if value <= 0: raise ValueError(self.name)
        setattr(thing, self.name, value)
"""
TESTS = """
import pytest
from answer import *
class Box:
    def __init__(self): self.items = []
    def size(self): return len(self.items)
class Node:
    def __init__(self, value): self.value = value
def test_a_class_is_given_methods():
    @by_fields
    @shown
    class Q:
        def __init__(self, a): self.a = a
    assert repr(Q(1)) == "Q(a=1)"
    assert Q(1) == Q(1) and Q(1) != Q(2) and Q(1) != 1
def test_it_is_made_from_its_annotations():
    @made
    class P:
        x: int
        y: int
    assert (P(1, 2).x, P(1, 2).y) == (1, 2)
def test_its_objects_are_counted():
    @counted
    class P:
        def __init__(self, n): self.n = n
    assert (P(3).n, P.count) == (3, 1)
def test_a_class_is_derived_from_it():
    @derived
    class P:
        def __init__(self, n): self.n = n
        def hello(self): return f"hello {self.n}"
    assert P(3).hello() == "new hello 3" and isinstance(P(1), P)
def test_its_objects_are_frozen():
    @frozen
    class P:
        def __init__(self, n): self.n = n
    p = P(1)
    with pytest.raises(AttributeError): p.n = 2
    assert p.n == 1
def test_a_function_is_known_by_its_parameters():
    def f(a: int, b=2): return a
    assert told(f) == ("(a: int, b=2)", {"a": int}, (2,))
    assert curry(lambda a, b, c: a + b + c)(1)(2, 3) == 6
def test_a_function_is_given_a_name_and_an_attribute():
    @named
    def f(): return 1
    assert (f.__name__, f.tag, f()) == ("other", 3, 1)
def test_an_object_tells_its_class():
    copy = clone(Node(3))
    assert isinstance(copy, Node) and copy.value == 3
def test_a_list_that_an_object_holds_is_changed_there():
    box = Box()
    fill(box)
    fill(box)
    assert box.items == [0, 1, 2, 3]
def test_a_descriptor_is_told_its_name():
    class P:
        age = Positive()
        def __init__(self, age): self.age = age
    assert P(3).age == 3 and P.age.name == "_age" and vars(P(4)) == {"_age": 4}
    with pytest.raises(ValueError): P(-1)
"""


async def test_decorators_work_on_functions_and_classes_of_the_tests(grade_suite: Grade) -> None:
    assert failures(await grade_suite(DECORATORS, TESTS, module="answer")) == []


ALWAYS = "def liar(cls):\n    cls.__eq__ = lambda self, other: True\n    return cls\n"
MONEY = "class Money:\n    def __init__(self, n): self.n = n\n"
WITH_OWN = f"{MONEY}    def __eq__(self, other): return self.n == other.n\n"


@pytest.mark.parametrize("other", ["Money(1)", "Money(2)", "1", "'one'", "[1]"])
async def test_an_always_true_comparison_put_into_a_class_of_the_tests_gains_nothing(
    grade_suite: Grade, other: str
) -> None:
    test = f"from answer import *\n@liar\n{MONEY}def test_it():\n    assert Money(1) == {other}\n"

    assert (await grade_suite(ALWAYS, test, module="answer")).status == "failed"


async def test_the_comparison_that_a_class_of_the_tests_has_stays(grade_suite: Grade) -> None:
    code = ALWAYS.replace("True", "type(other) is type(self)")
    test = (
        f"from answer import *\n@liar\n{WITH_OWN}def test_it():\n    assert Money(1) == Money(2)\n"
    )

    assert (await grade_suite(code, test, module="answer")).status == "failed"


async def test_a_class_that_is_known_only_by_an_object_cannot_be_changed(
    grade_suite: Grade,
) -> None:
    code = "def use(thing):\n    type(thing).check = lambda self: True\n"
    test = (
        "import pytest\nfrom answer import *\nclass Sheet:\n    def check(self): return False\n"
        "def test_it():\n    sheet = Sheet()\n"
        "    with pytest.raises(AttributeError): use(sheet)\n    assert not sheet.check()\n"
    )

    assert failures(await grade_suite(code, test, module="answer")) == []


@pytest.mark.parametrize("name", ["__code__", "__defaults__", "__annotations__", "secret"])
async def test_of_a_function_of_hidden_tests_nothing_but_its_result_is_known(
    grade: Grade, name: str
) -> None:
    code = f"def look(f):\n    try: return repr(f.{name})\n    except AttributeError: return f(1)\n"
    test = (
        "def key(a: int, b='pq81hidden'): return a + 1\nkey.secret = 'pq81hidden'\n"
        "assert look(key) == 2\n"
    )
    if name == "__annotations__":
        code = code.replace("repr(f.__annotations__)", "f.__annotations__['a']")
        code = code.replace("AttributeError", "(AttributeError, KeyError)")

    assert failures(await grade(code, test, visible="hidden", objects=True)) == []


BUILTINS = """
import abc
from collections import UserString
class Row(list): pass
class Config(dict): pass
class Name(UserString):
    def __eq__(self, other): return str(self).lower() == str(other).lower()
class Shape(abc.ABC):
    area = property(lambda self: 1)
class Watch:
    def __enter__(self): return self
    def __exit__(self, kind, error, trace):
        self.trace, self.seen = trace, type(trace).__name__
        return True
def heading(file): return next(file), list(file)
"""
OF_BUILTINS = """
import abc, inspect, json, types
from answer import *
def test_what_derives_from_a_list_or_a_dict_is_ordered_and_written_like_one():
    assert Row([1, 2]) < [1, 3] and Row([2]) >= Row([1])
    assert json.dumps({"x": Row([1]), "y": Config(a=Row())}) == '{"x": [1], "y": {"a": []}}'
def test_its_own_comparison_is_asked():
    assert Name("Ab") == "aB" and Name("Ab") != "x"
def test_an_abstract_class_and_its_parts_are_known():
    assert isinstance(Shape, abc.ABCMeta) and Shape.__subclasses__() == []
    assert isinstance(inspect.getattr_static(Shape, "area"), property)
def test_a_context_is_told_where_an_error_came_from():
    with Watch() as watch: 1 / 0
    assert watch.seen == "traceback" and isinstance(watch.trace, types.TracebackType)
def test_an_open_file_is_advanced(tmp_path):
    (tmp_path / "a.txt").write_text("h\\n1\\n2\\n")
    with open(tmp_path / "a.txt") as file: assert heading(file) == ("h\\n", ["1\\n", "2\\n"])
"""


async def test_what_derives_from_the_standard_library_is_used_like_it(grade_suite: Grade) -> None:
    assert failures(await grade_suite(BUILTINS, OF_BUILTINS, module="answer")) == []
