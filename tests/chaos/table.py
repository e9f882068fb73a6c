"""A report as text for people and as JSON for programs."""

import json
from dataclasses import asdict

from tests.chaos.run import Report, Row

HEAD = ("fault", "acknowledged", "lost", "double", "next ack", "next verdict", "caught up", "took")
WIDTHS = (34, 13, 6, 8, 10, 14, 11, 8)


def as_text(report: Report) -> str:
    lines = [_line(HEAD), _line(tuple("-" * (width - 2) for width in WIDTHS))]
    lines += [_row(row) for row in report.rows]
    lost = sum(row.lost for row in report.rows)
    double = sum(row.double for row in report.rows)
    lines.append(
        _line(("together", str(report.acknowledged), str(lost), str(double), "", "", "", ""))
    )
    refused = ", ".join(
        f"{count} x {status or 'no answer'}" for status, count in sorted(report.refused.items())
    )
    lines += [
        "",
        f"Told to try again: {refused or 'never'}. "
        f"Time: {report.seconds:.0f} s, of which {report.ready:.0f} to start.",
    ]
    if report.wrong:
        lines += ["", f"WRONG, {len(report.wrong)} times:", *report.wrong[:40]]
    else:
        lines.append("Each acknowledged attempt is there once, with one verdict; nothing is left.")
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    rows = [{**asdict(row), "acknowledged": row.acknowledged} for row in report.rows]
    return json.dumps({**asdict(report), "rows": rows, "acknowledged": report.acknowledged})


def _row(row: Row) -> str:
    if row.left_out:
        return f"{row.fault:<{WIDTHS[0]}}left out: {row.left_out}"
    told = (row.next_ack, row.next_verdict, row.caught_up, row.took)
    counts = (row.acknowledged, row.lost, row.double)
    return _line((row.fault, *map(str, counts), *(_seconds(value) for value in told)))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _line(cells: tuple[str, ...]) -> str:
    first, *others = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return (first + "".join(others)).rstrip()
