"""Frameworks that tests are written with elsewhere, answered by the grader itself as pytest is.

A verdict must not depend on what is installed beside the grader. Each is here as far as tests of
exercises use it; under its own name it is found by those tests only that name it.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
#: Modules by the name that tests import; None: a package with nothing in it.
_OFFERED = {
    "code_feedback": "code_feedback",
    "codewars_test": "codewars",
    "codewars_test.test_framework": "codewars",
    "gradescope_utils": None,
    "gradescope_utils.autograder_utils": None,
    "gradescope_utils.autograder_utils.decorators": "gradescope",
    "gradescope_utils.autograder_utils.files": "gradescope",
    "gradescope_utils.autograder_utils.json_test_runner": "gradescope",
    "nose": "nose",
    "nose.tools": "nose",
    "otter": None,
    "otter.test_files": "otter",
    "pl_helpers": "pl_helpers",
    "pl_unit_test": "pl_unit_test",
    "tmc": "tmc",
    "tmc.reflect": None,
    "tmc.utils": "tmc_utils",
}
NAMES = frozenset(name.partition(".")[0] for name in _OFFERED)


class _Offered(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if name not in _OFFERED:
            return None
        file = _HERE / f"{_OFFERED[name] or 'nothing'}.py"
        return importlib.util.spec_from_file_location(name, file, submodule_search_locations=[])


_FINDER = _Offered()
#: Older files for CodeWars have the framework under these names without importing it.
_UNASKED = re.compile(r"\b[Tt]est\.(assert_|describe|expect|it\b)")


def offer(sources: Iterable[str]) -> None:
    """To tests with these sources."""
    found = _FINDER in sys.meta_path
    if not found and any(name in source for source in sources for name in NAMES):
        sys.meta_path.insert(0, _FINDER)


def given(source: str, used: Callable[[], set[str]]) -> dict[str, Any]:
    """Names that a test file has without an import."""
    found = {"Test", "test"} & used() if _UNASKED.search(source) else set()
    if not found:
        return {}
    from grader.testing.frameworks import codewars

    return dict.fromkeys(found, codewars)
