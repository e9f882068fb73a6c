"""The real course, and ways to spoil a copy of it."""

import json
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
OVERDUE = NOTEBOOKS / "08-dates-money" / "overdue-by-customer.ipynb"


def edit(
    path: Path,
    cell: str | None = None,
    *,
    problem: dict[str, Any] | None = None,
    source: str | None = None,
    drop: tuple[str, ...] = (),
    **params: Any,
) -> Path:
    """Changes fields of the problem or of one cell (named by its key) in place."""
    notebook = json.loads(path.read_text())
    meta = notebook["metadata"]["pythonmastery"]
    meta.update(problem or {})
    if cell is None:
        for name in drop:
            del meta[name]
    for found in notebook["cells"]:
        fields = found["metadata"]["pythonmastery"]
        if fields["key"] == cell:
            fields.update(params)
            for name in drop:
                del fields[name]
            if source is not None:
                found["source"] = source
    path.write_text(json.dumps(notebook))
    return path
