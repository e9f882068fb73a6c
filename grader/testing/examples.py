"""Tests in the formats of OK and Otter: examples with `>>>` and what each has to show."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.testing.fixtures import Lasting
from grader.testing.functions import FunctionCase
from grader.testing.items import Item
from grader.testing.parameters import Choice
from grader.testing.reading import examples

if TYPE_CHECKING:
    from doctest import Example

_OF_NUMPY = re.compile(r"\bnp\.(?:(True|False)_|\w+\((-?[\d.e+-]+|nan|inf|'[^']*')\))")


def example_cases(tree: ast.Module, space: dict[str, Any]) -> Iterator[FunctionCase]:
    """A test for each case of each suite."""
    described = examples(tree)
    if not described:
        return
    lasting = Lasting(space, {})
    codes = [
        (suite.get("setup", ""), case["code"])
        for suite in described["suites"]
        for case in suite["cases"]
    ]
    name = described.get("name", "test")
    for number, (setup, code) in enumerate(codes, 1):
        test = _test(f"{textwrap.dedent(setup)}\n{textwrap.dedent(code)}\n", space)
        known, choice = f"{name} - {number}", Choice("")
        item = Item(known, test, None, lasting)
        yield FunctionCase(known, test, None, lasting, item, choice)


def _test(text: str, space: dict[str, Any]) -> Callable[[], None]:
    import doctest

    checker = doctest.OutputChecker()

    def test() -> None:
        names = dict(space)
        for example in doctest.DocTestParser().get_examples(text):
            shown = _shown(example, names)
            wanted = example.exc_msg or example.want
            flags = sum(flag for flag, on in example.options.items() if on)
            flags |= doctest.ELLIPSIS if example.exc_msg else 0
            if not any(checker.check_output(wanted, s, flags) for s in (shown, _older(shown))):
                call, *told = (part.strip() for part in (example.source, wanted, shown))
                raise AssertionError("{} should show {!r}, but shows {!r}.".format(call, *told))

    return test


def _older(shown: str) -> str:
    """As numpy showed its numbers before its second version, for which most examples are made."""
    return _OF_NUMPY.sub(lambda found: found[1] or found[2], shown)


def _shown(example: Example, names: dict[str, Any]) -> str:
    code = compile(example.source, "<example>", "single", dont_inherit=True)
    shown = io.StringIO()
    before = sys.displayhook
    sys.displayhook = sys.__displayhook__
    try:
        with contextlib.redirect_stdout(shown):
            exec(code, names)  # noqa: S102 - the test file's own text
    except Exception as error:
        if example.exc_msg is None:
            raise
        return traceback.format_exception_only(error)[-1]
    finally:
        sys.displayhook = before
    return shown.getvalue()
