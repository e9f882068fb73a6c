"""What a beginner may make of an error where Python's own words do not say it."""

from __future__ import annotations

import ast
import linecache
import re
from typing import Any

from grader import static
from grader.testing.sides import calls, last_name
from grader.verdicts.showing import text_of

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_NOT_CALLED = "this is a function itself, not what it gives: are the brackets () missing?"
#: Part of the message, and what it most likely means in the student's own code.
_IN_CODE = (
    ("__ returned non-string", "this method has to return a text, not to print it"),
    (
        "NoneType",
        "something here is None: sort(), append() and print() give None back, "
        "as does a function that ends without return",
    ),
    ("'method'", _NOT_CALLED),
    ("'builtin_function_or_method'", _NOT_CALLED),
    ("'function' object is not", _NOT_CALLED),
    ("'list' object is not an iterator", "iter(…) makes one of it"),
    ("non-iterator of type 'list'", "iter(…) makes one of it"),
    (
        "missing 1 required positional argument: 'self'",
        "a method is called on an object, and this was called on the class: are brackets missing?",
    ),
    ("returned non-iterator", "an iterator needs a method `__next__`"),
    ("is not an iterator", "an iterator needs a method `__next__`"),
)
_NO_SELF = "the object itself is handed to each of its methods: is self missing?"
_TOO_MANY = re.compile(r"\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) w")
_METHOD = re.compile(r"(?:(\w+)\.)?(\w+)\(\) (?:missing|takes|got an unexpected)")


def in_code(error: BaseException, code: str) -> str:
    text = text_of(error)
    if not isinstance(error, AttributeError | TypeError):
        return ""
    found = (hint for part, hint in _IN_CODE if part in text)
    return _NO_SELF if _lacks_self(error, code) else next(found, _shadowed(text, code))


def _shadowed(text: str, code: str) -> str:
    """`list = [1, 2]`, and then `list(names)`."""
    hidden = sorted(static.defined(code) & static.BUILTINS) if "is not callable" in text else ()
    return f"your code uses the name `{hidden[0]}` for something of its own" if hidden else ""


def in_test(error: BaseException, call: str) -> str:
    """Of what the test did with a value that it was given."""
    text = text_of(error)
    if isinstance(error, IndexError) and ".args[" in call:
        return " (The error was raised without a message, and the test looks at that.)"
    if _is_raised(error):
        return " (The test raises this itself, and nothing stops it.)"
    said = (hint for part, hint in _IN_TEST if part in text)
    kinds = (hint for kind, hint in _BY_KIND if isinstance(error, kind))
    return next(said, next(kinds, "")).replace("{}", _where(call))


def _is_raised(error: BaseException) -> bool:
    """By a statement of the test, for what is around it to see."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        if getattr(trace.tb_frame.f_builtins, "runs_tests", False):
            line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return _RAISE.search(line) is not None


#: Also after the `with` of the same line.
_RAISE = re.compile(r"(^|:)\s*raise\b")


def _where(call: str) -> str:
    """Of `os.environ["HOME"]` what was looked in; by its name where it is no call."""
    try:
        asked = ast.parse(call, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "what came back"
    where = asked.value if isinstance(asked, ast.Subscript) else None
    named = isinstance(where, ast.Name | ast.Attribute) and not calls(where)
    return ast.unparse(where) if where is not None and named else "what came back"


#: Part of the message, and what it most likely means where the test uses what came back.
_IN_TEST = (
    ("NoneType", " (None came back: a function that ends without return gives None.)"),
    ("'method'", f" ({_NOT_CALLED.capitalize()})"),
    ("'map' object is not subscriptable", " (list(…) makes a list of it.)"),
    ("'filter' object is not subscriptable", " (list(…) makes a list of it.)"),
    ("'generator' object is not subscriptable", " (list(…) makes a list of it.)"),
    ("object is not an iterator", " (An iterator needs a method `__next__`.)"),
    ("object is not callable", " (The test calls this, and it is no function.)"),
    ("a coroutine was expected", " (Is `async` missing before `def`?)"),
    ("'await' expression", " (Is `async` missing before `def`?)"),
)
_BY_KIND: tuple[tuple[Any, str], ...] = (
    (KeyError, " (The test looked this up in {}, and it is not there.)"),
    (IndexError, " (The test asked for an item that {} does not have.)"),
    (
        StopIteration | StopAsyncIteration,
        " (The test asked for one more value, and there was none left.)",
    ),
)


def gives_none(call: str, code: str) -> str:
    """Of a function that does return something: what gives None back, `names.sort()` say."""
    try:
        asked = ast.parse(call, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # it was cut
    name = last_name(asked.func) if isinstance(asked, ast.Call) else ""
    nodes = list(ast.walk(ast.parse(code)))
    own = {node.name for node in nodes if isinstance(node, _FUNCTIONS)}
    for node in nodes:
        if isinstance(node, _FUNCTIONS) and node.name == name:
            given = (getattr(n, "value", None) for n in ast.walk(node) if isinstance(n, _GIVING))
            asks = (last_name(v.func) for v in given if isinstance(v, ast.Call))
            found = next((name for name in asks if name in _CHANGING - own), "")
            return f" {found}() changes what it is called on and gives None." if found else ""
    return ""


_GIVING = (ast.Return, ast.Assign)
_CHANGING = frozenset({"sort", "reverse", "append", "extend", "insert", "remove", "update"})


def _lacks_self(error: BaseException, code: str) -> bool:
    """One value more than a method takes, whose first name is not that of the object."""
    counted = _TOO_MANY.search(text_of(error))
    method = _called(error, code) if counted and int(counted[2]) == int(counted[1]) + 1 else None
    if not isinstance(method, _FUNCTIONS) or "." not in text_of(error).partition("(")[0]:
        return False
    if any(getattr(mark, "id", "") == "staticmethod" for mark in method.decorator_list):
        return False
    names = [arg.arg for arg in (*method.args.posonlyargs, *method.args.args)]
    return names[:1] not in (["self"], ["cls"])


def called(error: BaseException, code: str) -> int | None:
    """Where the function stands that was given too many values, or too few."""
    node = _called(error, code)
    return node.lineno if node is not None else None


def _called(error: BaseException, code: str) -> _Defined | None:
    found = _METHOD.match(text_of(error)) if isinstance(error, TypeError) else None
    if found is None:
        return None
    body = ast.parse(code).body
    if found[1]:
        owners = (n for n in body if isinstance(n, ast.ClassDef) and n.name == found[1])
        body = [node for owner in owners for node in owner.body]
    kinds = _FUNCTIONS | ast.ClassDef
    return next((n for n in body if isinstance(n, kinds) and n.name == found[2]), None)
