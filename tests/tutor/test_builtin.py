"""Help without a model."""

import pytest

from pythonmastery_ext.tutor import builtin
from pythonmastery_ext.tutor.context import HintsSeen, SeenVerdict
from tests.tutor.situations import CODE, asking, failed_with, result, verdict

AWAY = "The AI tutor is not set up here."


def said(seen: SeenVerdict | None, **fields: object) -> str:
    return builtin.explain(asking(verdict=seen, **fields), why=AWAY)


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        ("SyntaxError", "expected ':'", "ends with a colon"),
        ("SyntaxError", "'(' was never closed", "A bracket `(` is opened and never closed"),
        ("SyntaxError", "unmatched ')'", "closing bracket without its opening one"),
        ("SyntaxError", "unterminated string literal (detected at line 4)", "quotation mark"),
        ("SyntaxError", "invalid syntax. Maybe you meant '==' or ':=' instead of '='?", "`==`"),
        ("SyntaxError", "'return' outside function", "indented below its `def`"),
        ("SyntaxError", "invalid syntax. Perhaps you forgot a comma?", "side by side"),
        (
            "SyntaxError",
            "Missing parentheses in call to 'print'. Did you mean print(...)?",
            "`print` is a function",
        ),
        ("SyntaxError", "invalid syntax", "the end of the one above it"),
        ("IndentationError", "expected an indented block after 'for' statement", "`pass`"),
        ("IndentationError", "unexpected indent", "further right"),
        ("IndentationError", "unindent does not match any outer indentation level", "matches no"),
        ("TabError", "inconsistent use of tabs and spaces in indentation", "four spaces"),
        ("NameError", "name 'prcie' is not defined", "Did you mean `price`?"),
        ("NameError", "name 'Print' is not defined", "Did you mean `print`?"),
        ("NameError", "name 'zzqx' is not defined", "set on an earlier line"),
        ("UnboundLocalError", "cannot access local variable 'amount'", "the function's own name"),
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'", "`int(…)`"),
        ("TypeError", "unsupported operand type(s) for +: 'NoneType' and 'int'", "is `None`"),
        ("TypeError", "total() missing 1 required positional argument: 'x'", "`def` line"),
        ("TypeError", "'int' object is not iterable", "`range(…)`"),
        ("TypeError", "'list' object is not callable", "not a function"),
        ("TypeError", "'int' object is not subscriptable", "Square brackets"),
        ("TypeError", "unhashable type: 'list'", "a tuple can"),
        ("TypeError", "something else", "`print(type(…))`"),
        ("ValueError", "invalid literal for int() with base 10: ''", "read as a number"),
        ("ValueError", "not enough values to unpack (expected 2, got 1)", "left of `=`"),
        ("ValueError", "math domain error", "not the value itself"),
        ("IndexError", "list index out of range", "Positions begin at 0"),
        ("KeyError", "'paid'", "no key `'paid'`"),
        ("AttributeError", "'NoneType' object has no attribute 'append'", "has no `return`"),
        ("AttributeError", "'list' object has no attribute 'appendd'", "Did you mean `append`?"),
        ("ZeroDivisionError", "division by zero", "empty list"),
        ("RecursionError", "maximum recursion depth exceeded", "return without calling"),
        ("ModuleNotFoundError", "No module named 'pandas'", "not allowed"),
        ("NotImplementedError", "Write your code here", "Put your own code in its place"),
        ("MemoryError", "", "more memory"),
        ("EOFError", "EOF when reading a line", "arguments of your function"),
        ("StrangeError", "odd", "word by word"),
    ],
)
def test_an_error_is_told_in_plain_words(kind: str, message: str, words: str) -> None:
    text = said(failed_with(kind, message))
    assert words in text
    assert f"Python stopped in line 4 with **{kind}**" in text
    assert "        amount = amount + prcie" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("timeout", "`while` loop never ends"),
        ("memory", "more memory than it may"),
        ("output", "printed more"),
        ("crash", "Python itself stopped"),
        ("refused_import", "does not allow"),
        ("internal", "not because of your code"),
    ],
)
def test_a_run_that_was_ended_is_told_in_plain_words(reason: str, words: str) -> None:
    assert words in said(verdict(reason=reason))


def test_printing_in_place_of_returning_is_recognised() -> None:
    test = result("Two prices", call="total([1, 2])", expected="3", actual="None")
    text = said(verdict(tests=(result("None", "passed"), test)))
    assert "**Two prices**" in text
    assert "- Expected: `3`\n- Yours: `None`" in text
    assert "prints its result, but gives nothing back" in text


def test_a_missing_return_is_recognised() -> None:
    test = result("Two prices", expected="3", actual="None")
    seen = verdict(tests=(test,), code="def total(prices):\n    if prices:\n        return 3\n")
    assert "a `return` on every path" in said(seen, code=seen.code)


def test_text_in_place_of_a_number_is_recognised() -> None:
    assert "different types" in said(verdict(tests=(result("A", expected="3", actual="'3'"),)))


def test_a_test_that_takes_too_long_is_recognised() -> None:
    assert "longer than it may" in said(verdict(tests=(result("A", "timeout"),)))


def test_of_a_hidden_test_the_name_and_the_authors_message_are_told() -> None:
    text = said(verdict(tests=(result("Empty list", visible="hidden", message="Of nothing?"),)))
    assert "**Empty list**" in text
    assert "Of nothing?" in text
    assert "This test is hidden" in text


def test_values_cannot_break_out_of_their_quotation() -> None:
    test = result("A", expected="'a`b'", actual="'x\n\n# heading'")
    text = said(verdict(tests=(test,)))
    assert "- Expected: `` 'a`b' ``" in text
    assert "\n# heading" not in text


def test_it_says_why_the_tutor_is_away_and_nothing_of_it_otherwise() -> None:
    assert said(verdict()).startswith(f"*{AWAY}*\n\n")
    assert AWAY not in builtin.explain(asking(verdict=verdict()), why=None)


@pytest.mark.parametrize(
    ("hints", "words"),
    [
        (HintsSeen(next_open=2, total=4), "**Hint 2 is open to you**"),
        (HintsSeen(next_unlock="Opens in 3 minutes.", total=4), "The next hint: Opens in 3"),
        (HintsSeen(texts=("a", "b"), total=2), "All hints of this problem are open"),
    ],
)
def test_it_points_to_the_next_hint(hints: HintsSeen, words: str) -> None:
    assert words in said(verdict(), hints=hints)
    assert words not in said(verdict(), hints=hints, solved=True)


def test_before_the_first_run_it_says_what_to_do() -> None:
    assert "press **Check**" in said(None)


def test_passing_says_what_comes_next() -> None:
    assert "Press **Submit**" in said(verdict(kind="check", status="passed"))
    assert "All tests pass" in said(verdict(status="passed"))


def test_it_says_when_the_code_has_changed_since() -> None:
    assert "Your code has changed since" in said(verdict(), code="pass")
    assert "changed" not in said(verdict(), code=CODE)


def test_a_syntax_error_is_explained_at_once_while_the_code_is_the_same() -> None:
    seen = failed_with("SyntaxError", "expected ':'")
    assert builtin.at_once(asking(verdict=seen))
    assert not builtin.at_once(asking(verdict=seen, code="pass"))
    assert not builtin.at_once(asking(verdict=seen, message="Why?"))
    assert not builtin.at_once(asking(verdict=seen, message_type="question", message="Why?"))
    assert not builtin.at_once(asking(verdict=failed_with("NameError", "name 'x'")))
