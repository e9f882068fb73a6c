"""The README of an export, from the comments in the models."""

from sqlalchemy import Table

from pythonmastery_ext.db.base import Base
from pythonmastery_ext.privacy.owned import EXPORTED, Owned

HEAD = """\
# Your data in PythonMastery

Each `.jsonl` file holds one table: one row a line, each line a JSON object. `manifest.json` tells
how many rows each file has, its size and its SHA-256, and the version of the schema. Times are in
UTC. `problems.jsonl` and `sections.jsonl` tell the names behind `problem_id` and `section_id`.

Not in here: other people, tests that the course keeps hidden, and hashes of tokens.
"""


def text() -> str:
    return "\n".join([HEAD, *(_table(owned) for owned in EXPORTED)])


def _table(owned: Owned) -> str:
    lines = [f"## {owned.table}.jsonl", ""]
    if about := _about(owned.source):
        lines += [about, ""]
    for column in owned.columns(0):
        comment = getattr(column, "comment", None)
        name = column.name.removesuffix("_sealed")
        lines.append(f"- `{name}`: {comment}" if comment else f"- `{name}`")
    return "\n".join(lines) + "\n"


def _about(table: Table) -> str:
    """First sentence of the model's docstring."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is table and mapper.class_.__doc__:
            return str(mapper.class_.__doc__).splitlines()[0]
    return ""
