"""Tests in the formats of OK and Otter: examples with `>>>` and what each has to show."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.testing.fixtures import Lasting
from grader.testing.functions import FunctionCase
from grader.testing.parameters import Choice
from grader.testing.reading import examples

if TYPE_CHECKING:
    from doctest import Example


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
        yield FunctionCase(f"{name} - {number}", test, None, lasting, (), Choice(""))


def _test(text: str, space: dict[str, Any]) -> Callable[[], None]:
    import doctest

    def test() -> None:
        names = dict(space)
        for example in doctest.DocTestParser().get_examples(text):
            shown = _shown(example, names)
            wanted = example.exc_msg or example.want
            if not doctest.OutputChecker().check_output(wanted, shown, 0):
                call, *told = (part.strip() for part in (example.source, wanted, shown))
                raise AssertionError("{} should show {!r}, but shows {!r}.".format(call, *told))

    return test


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
