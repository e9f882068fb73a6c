"""Which suites may be served by the same runner several times, one submission after the other.

Those whose tests can leave nothing behind in the process they run in: plain values in and out, and
nothing imported or named through which a test reaches something that outlives it. This looks at the
tests of an author, who may forget, not at an enemy; what a submission left behind all the same is
found by `grader.traces`.
"""

from __future__ import annotations

import ast
import functools
import importlib
import types
from collections.abc import Iterator
from typing import Any

from grader.protocol import GradeRequest
from grader.testing.builtin_fixtures import BUILTIN

#: Without state, or with a state that `grader.traces` looks at.
_STATELESS = """
__future__ bisect cmath collections collections.abc copy dataclasses datetime decimal enum fractions
functools heapq itertools json math numbers operator random re statistics string textwrap typing
unittest
"""
MODULES = frozenset(_STATELESS.split())
#: Answered by the grader itself.
_PYTEST = "pytest"
#: By these a test gets at anything.
_REACHING = """
__builtins__ __import__ __loader__ __spec__ breakpoint compile delattr eval exec exit getattr
globals help input locals memoryview open quit setattr vars
"""
_NAMES = frozenset(_REACHING.split())
#: These change what other tests meet.
_LASTING = """
addModuleCleanup enterModuleContext importorskip mock MonkeyPatch register usefixtures
"""
_ATTRIBUTES = frozenset(_LASTING.split())
#: Names with underscores that are only read.
_READ = "__class__ __doc__ __eq__ __init__ __len__ __module__ __name__ __qualname__"
_DUNDER = frozenset(_READ.split())
#: Whose attributes a test may set: of an object that it has made itself.
_OWN = frozenset({"self", "cls"})
_FIXTURES = frozenset({*BUILTIN, "request"})


def suite_of(request: GradeRequest) -> tuple[Any, ...] | None:
    """All that two submissions share to be served by one runner; None: each has its own."""
    special = request.profile is not None or request.record or request.test_modules
    if special or request.objects or request.open_tests:
        return None
    names = (request.module, *(test.source for test in request.tests))
    if not _leaves_nothing(request.given, *names):
        return None
    files = tuple(sorted(request.files.items()))
    shared = (request.module, request.given, request.limits, request.shuffle)
    return (*shared, request.allow_imports, files, request.tests)


def imported(request: GradeRequest) -> set[str]:
    """Modules that its tests, or the imports before the student's code, name."""
    names: set[str] = set()
    for source in (request.given, *(test.source for test in request.tests)):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
    return names & (MODULES | {_PYTEST})


@functools.lru_cache(maxsize=256)
def _leaves_nothing(given: str, module: str, *sources: str) -> bool:
    try:
        trees = [ast.parse(source) for source in sources]
        # Of what comes before the student's code only the imports are repeated beside the tests.
        imports = [node for node in ast.parse(given).body if isinstance(node, _IMPORTS)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    trees.append(ast.Module(list(imports), []))
    return all(_is_harmless(tree, module) for tree in trees)


_IMPORTS = (ast.Import, ast.ImportFrom)
_ASYNCHRONOUS = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)


def _is_harmless(tree: ast.Module, module: str) -> bool:
    nodes = list(ast.walk(tree))
    bound = dict(_modules(nodes))
    return all(_may_stand(node, module, bound) for node in nodes)


def _modules(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """Names that stand for modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, whole


def _may_stand(node: ast.AST, module: str, bound: dict[str, str]) -> bool:
    if isinstance(node, ast.Import):
        return all(alias.name in MODULES | {_PYTEST, module} for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and _may_give(node, module)
    if isinstance(node, ast.Attribute):
        return _may_be_used(node, bound)
    if isinstance(node, ast.Name):
        return node.id not in _NAMES
    if isinstance(node, ast.arg):
        return node.arg not in _FIXTURES
    return not isinstance(node, _ASYNCHRONOUS)


def _may_give(node: ast.ImportFrom, module: str) -> bool:
    if node.module == module:
        return True
    names = [alias.name for alias in node.names]
    if node.module not in MODULES | {_PYTEST} or not _ATTRIBUTES.isdisjoint(names):
        return False
    return all(name[0] not in "_*" and _is_allowed(_found(node.module, name)) for name in names)


def _may_be_used(node: ast.Attribute, bound: dict[str, str]) -> bool:
    if node.attr in _ATTRIBUTES or (node.attr[0] == "_" and node.attr not in _DUNDER):
        return False
    if not isinstance(node.ctx, ast.Load):
        return isinstance(node.value, ast.Name) and node.value.id in _OWN
    if isinstance(node.value, ast.Name) and node.value.id in bound:
        return _is_allowed(_found(bound[node.value.id], node.attr))
    return True


def _found(module: str | None, name: str) -> Any:
    if module not in MODULES:
        return None
    return getattr(importlib.import_module(module), name, None)


def _is_allowed(found: Any) -> bool:
    """A module of the standard library has others among its names: `random._os`."""
    return not isinstance(found, types.ModuleType) or found.__name__ in MODULES
