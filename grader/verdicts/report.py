"""A verdict for a person: one line, plain text, or a table in HTML."""

from __future__ import annotations

from html import escape

from grader.protocol import Test, TestResult, Verdict
from grader.terminal import for_terminal

_MARKS = {"passed": "✓", "failed": "✗", "error": "!", "timeout": "⧗", "not_run": "·"}
_CELL = "text-align:left;vertical-align:top;white-space:pre-wrap"
_SHORT = "text-align:left;vertical-align:top;white-space:nowrap"
#: One for each column.
_STYLES = (_SHORT, _CELL, _SHORT, _SHORT, _CELL)
_DETAILS = (("call", "call"), ("expected", "expected"), ("actual", "yours"))


def summary(verdict: Verdict) -> str:
    return f"{verdict.status}: {verdict.points:g} of {verdict.max_points:g} points"


def as_text(verdict: Verdict) -> str:
    lines = [f"{summary(verdict)} (isolation: {verdict.level})"]
    if verdict.message:
        lines.append(verdict.message)
    for result in verdict.tests:
        points = f"{result.points:g}/{result.max_points:g}"
        lines.append(f"  {_MARKS[result.status]} {result.name}  {points}")
        lines += [f"      {line}" for line in _told(result)]
    return for_terminal("\n".join(lines))


def as_html(verdict: Verdict, hidden: set[str] | None = None) -> str:
    """`hidden`: keys of the tests that students are not shown. All text in it is escaped."""
    rows = [_row(result, hidden or set()) for result in verdict.tests]
    names = ("Result", "Test", "Points", "Time", "What happened")
    head = "".join(
        f'<th scope="col" style="{style}">{name}</th>'
        for name, style in zip(names, _STYLES, strict=True)
    )
    said = f"<p>{escape(verdict.message)}</p>" if verdict.message else ""
    return (
        f"<div><p><strong>{escape(summary(verdict))}</strong> "
        f"(isolation: {escape(verdict.level)}, {verdict.grader_ms:.0f} ms)</p>{said}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def hidden_keys(tests: tuple[Test, ...]) -> set[str]:
    return {test.key for test in tests if test.visible == "hidden"}


def _row(result: TestResult, hidden: set[str]) -> str:
    name = escape(result.name)
    if result.key in hidden:
        name += " <em>(hidden)</em>"
    told = "<br>".join(escape(line) for line in _told(result))
    cells = (
        f"{_MARKS[result.status]} {escape(result.status.replace('_', ' '))}",
        name,
        f"{result.points:g} of {result.max_points:g}",
        f"{result.time_ms:.1f} ms",
        told,
    )
    row = zip(cells, _STYLES, strict=True)
    return "<tr>" + "".join(f'<td style="{style}">{cell}</td>' for cell, style in row) + "</tr>"


def _told(result: TestResult) -> list[str]:
    lines = [result.message] if result.message else []
    for field, word in _DETAILS:
        value = getattr(result, field)
        if value:
            lines.append(f"{word}: {value}")
    if result.line:
        lines.append(f"line {result.line}")
    return lines
