"""The student's notebook, derived from the author's.

Default-deny: it is built up from named fields of the content, so what is not named here (hidden
tests, solutions, hints, feedback, misconceptions) has no way in.
"""

from typing import Any

from pythonmastery_ext.curriculum.cells import ProblemContent, TestCell
from pythonmastery_ext.curriculum.source import with_stub

#: Fields of the problem that a student may see, under the names of the author's metadata.
PUBLIC = (
    "slug",
    "version",
    "title",
    "section",
    "order",
    "domain",
    "difficulty",
    "minutes",
    "teaches",
    "practises",
    "prerequisites",
    "limits",
    "allow_imports",
    "authors",
    "license",
    "language",
)


def starter_code(content: ProblemContent) -> str:
    return with_stub(content.solution.source, content.solution.stub)


def student_notebook(content: ProblemContent) -> dict[str, Any]:
    """nbformat 4.5; the same content gives the same notebook, cell ids included."""
    cells = [_markdown("statement", content.statement)]
    if content.context:
        cells.append(_markdown("context", content.context))
    if content.given:
        cells.append(_code("given", "given", content.given))
    cells.append(_answer(content))
    cells += [_sample(test) for test in content.samples]
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "pythonmastery": _public_metadata(content),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _public_metadata(content: ProblemContent) -> dict[str, Any]:
    whole = content.to_json()
    return {
        "schema": content.schema_version,
        "kind": "problem-student",
        "id": str(content.uid),
        **{name: whole[name] for name in PUBLIC},
    }


def _answer(content: ProblemContent) -> dict[str, Any]:
    cell = _code("answer", "answer", starter_code(content), entry=content.solution.entry)
    del cell["metadata"]["editable"]
    return cell


def _sample(test: TestCell) -> dict[str, Any]:
    note = "# Run your answer first, then this cell.\n# No message means that the test passes."
    source = f"# Sample test: {test.name}\n{note}\n{test.source}"
    return _code(test.key, "sample", source, name=test.name, weight=test.weight)


def _markdown(role: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": role,
        "metadata": _locked(role, role),
        "source": source,
    }


def _code(key: str, role: str, source: str, **params: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": key,
        "metadata": _locked(role, key, **params),
        "outputs": [],
        "source": source,
    }


def _locked(role: str, key: str, **params: Any) -> dict[str, Any]:
    return {
        "deletable": False,
        "editable": False,
        "pythonmastery": {"role": role, "key": key, **params},
        "tags": [f"pm-{role}"],
    }
