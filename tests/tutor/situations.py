"""Situations of a learner, for the tests of what is sent and of the built-in help."""

from typing import Any

from pythonmastery_ext.attempts.schema import ErrorDetail, TestResultOut
from pythonmastery_ext.tutor.context import SeenVerdict, TutorContext

CODE = """def total(prices):
    amount = 0
    for price in prices:
        amount = amount + prcie
    print(amount)
"""


def result(name: str, status: str = "failed", **fields: Any) -> TestResultOut:
    return TestResultOut.model_validate(
        {
            "key": name.lower().replace(" ", "-"),
            "name": name,
            "visible": "sample",
            "status": status,
            "points": 1 if status == "passed" else 0,
            "max_points": 1,
            **fields,
        }
    )


def verdict(**fields: Any) -> SeenVerdict:
    given: dict[str, Any] = {
        "kind": "submit",
        "status": "failed",
        "reason": None,
        "message": None,
        "tests": (),
        "error": None,
        "stdout": None,
        "code": CODE,
    }
    return SeenVerdict(**{**given, **fields})


def failed_with(kind: str, message: str, line: int = 4, **fields: Any) -> SeenVerdict:
    """A run that an exception ended."""
    reason = "syntax_error" if kind in ("SyntaxError", "IndentationError") else "exception"
    error = ErrorDetail(type=kind, message=message, line=line, text=fields.pop("text", None))
    return verdict(reason=reason, error=error, **fields)


def asking(**fields: Any) -> TutorContext:
    given: dict[str, Any] = {
        "message_type": "explanation",
        "message": "",
        "title": "Add the prices",
        "statement": "Write `total(prices)`.",
        "code": CODE,
    }
    return TutorContext(**{**given, **fields})
