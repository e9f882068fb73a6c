"""Small parts of a verdict as lines of text."""

from __future__ import annotations

from pythonmastery_ext.attempts.schema import DifferencePart, ErrorDetail, TestResultOut


def source(error: ErrorDetail) -> str:
    """The line, and marks under the part of it that is meant."""
    text = (error.text or "").rstrip()
    if error.column is None or not 1 <= error.column <= len(text) + 1:
        return text
    end = max(error.end_column or 0, error.column + 1)
    before = "".join(char if char == "\t" else " " for char in text[: error.column - 1])
    return f"{text}\n{before}{'^' * min(end - error.column, len(text) + 1)}"


def part(found: DifferencePart) -> str:
    """One place at which the two values differ."""
    said = []
    if found.expected is not None and found.actual is not None:
        said.append(f"expected {found.expected}, yours {found.actual}")
    elif found.expected is not None:
        said.append(f"missing {found.expected}")
    elif found.actual is not None:
        said.append(f"not expected {found.actual}")
    told = "; ".join(filter(None, (*said, found.note)))
    return f"{found.path}: {told}" if found.path else told


def cost(test: TestResultOut) -> str:
    rough = "up to " if test.visible == "hidden" else ""
    used = [f"{rough}{max(1, round(test.time_ms))} ms"] if test.time_ms else []
    if test.memory_bytes:
        used.append(f"{rough}{max(1, round(test.memory_bytes / 2**20))} MB")
    return f", {', '.join(used)}" if used else ""
