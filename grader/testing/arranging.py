"""The tests of a file in the order that a `conftest.py` gives them."""

from __future__ import annotations

from typing import Any

from grader.testing import hooks
from grader.testing.faults import collected
from grader.testing.fixtures import Lasting
from grader.testing.unittests import item_of


def in_order(functions: list[Any], tests: list[Any], lasting: Lasting) -> tuple[list[Any], ...]:
    """Both as a hook of the `conftest.py` wants them; those of unittest stay the first."""
    if hooks.MODIFY not in lasting.shared:
        return functions, tests
    known = [(item_of(test, lasting), test) for test in tests]
    known += [(function.item, function) for function in functions]
    items = [item for item, _ in known]
    found = {id(item): test for item, test in known}
    order = collected(hooks.FILE, lambda: hooks.modified(lasting.shared, lasting.config, items))
    left = [found[id(item)] for item in order if id(item) in found]
    own = set(map(id, tests))
    return [x for x in left if id(x) not in own], [x for x in left if id(x) in own]
