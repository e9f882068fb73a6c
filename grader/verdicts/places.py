"""Where in a test something went wrong, and what was asked there, with the values it stood for."""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import itertools
import types
from dataclasses import dataclass
from typing import Any

from grader.remote.functions import RemoteFunction, RemoteModule
from grader.remote.proxies import Mirror
from grader.testing.asserting import SourceText
from grader.testing.sides import calls, is_literal, last_name
from grader.verdicts.filled import Filled
from grader.verdicts.kept import copied, is_copy, may_be_other
from grader.verdicts.nodes import node_at, own_nodes, path_to, statements

_MAX_CALL = 600
_MAX_VALUE = 80
#: Nobody can have changed them since, and their repr is Python's own.
_LASTING = (int, float, bool, str, bytes, type(None))
_PLAIN = (*_LASTING, list, tuple, dict, set, frozenset, complex)
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef
_THEIRS = (RemoteFunction, RemoteModule)


@dataclass(frozen=True)
class Place:
    """The innermost point of the test file that an exception came through."""

    #: From the file down to the statement.
    path: tuple[ast.AST, ...]
    #: What was being evaluated; None where Python does not tell it.
    node: ast.expr | None
    frame: types.FrameType
    #: Of what the test called there, if that is no part of its file.
    inner: types.FrameType | None
    source: SourceText

    @property
    def statement(self) -> ast.AST:
        return self.path[-1]

    def argument(self, number: int) -> ast.expr | None:
        args = self.node.args if isinstance(self.node, ast.Call) else []
        return args[number] if number < len(args) else None

    def resolved(self, node: ast.expr) -> ast.expr:
        """`got` is what it was made by, if `got = add(1, 2)` is all that happened to it."""
        if not isinstance(node, ast.Name):
            return node
        made = self._made(node.id)
        if made is None or not calls(made) or self._is_other(node.id, made):
            return node
        return made

    def keeps(self, node: ast.expr, other: ast.expr) -> bool:
        """Whether the first is a name for a copy of the second, made before."""
        made = self._made(node.id) if isinstance(node, ast.Name) else None
        source = copied(made) if made is not None else None
        return source is not None and ast.dump(source) == ast.dump(other)

    def _is_other(self, name: str, made: ast.expr) -> bool:
        """Than what it was made by would give now."""
        kind = type(self.now(name))
        if is_copy(made) and not isinstance(kind, Mirror):
            return True
        used_up = hasattr(kind, "__next__")
        return kind not in _PLAIN and may_be_other(self.path, name, made, used_up=used_up)

    def is_students(self, node: ast.expr) -> bool:
        """Whether a function of theirs gives it, or an attribute of their object.

        What a test makes of their class is what it wants.
        """
        for inner in ast.walk(self.resolved(node)):
            target: Any = inner.func if isinstance(inner, ast.Call) else inner
            root = target
            while isinstance(root, ast.Attribute):
                root = root.value
            if not isinstance(root, ast.Name) or (root is target and target is inner):
                continue
            if last_name(target)[:1].isupper():
                continue
            value = self.now(root.id)
            if isinstance(type(value), Mirror):
                return True
            of_module = type(value) in _THEIRS or (value is self and not hasattr(builtins, root.id))
            if target is not inner and of_module:
                return True
        return False

    def now(self, name: str) -> Any:
        """What a name stands for; the place itself if that is not known."""
        space = self.frame.f_locals if name in self.frame.f_locals else self.frame.f_globals
        return space.get(name, self)

    def text(self, node: ast.AST | None) -> str | None:
        """As it is written, but with values for names."""
        if node is None:
            return None
        if not isinstance(node, ast.expr):
            return _cut(self.source.of(node))
        meant = self.resolved(node)
        named = Filled(self, copy.deepcopy(meant))
        # A name by itself says more than a value that is told anyway.
        filled = meant if isinstance(meant, ast.Name) else named.visit(copy.deepcopy(meant))
        # Of `share * 7 + jar` nothing but numbers would be left.
        source = None if named.changed and not is_literal(filled) else self.source.of(meant)
        return _cut(source if source and "\n" not in source else ast.unparse(filled))

    def written(self, text: str | None) -> str | None:
        """Of a text that was taken from here."""
        if text is None:
            return None
        try:
            node = ast.parse(f"(\n{text}\n)", mode="eval").body
        except (SyntaxError, RecursionError, MemoryError):
            return text  # a long one was cut
        meant = self.resolved(node)
        if meant is not node:
            return self.text(meant)
        named = Filled(self, copy.deepcopy(node))
        filled = node if isinstance(node, ast.Name) else named.visit(node)
        changed = named.changed and not is_literal(filled)
        return _cut(ast.unparse(filled)) if changed or "\n" in text else text

    def value(self, name: str) -> ast.expr | None:
        """What a name stood for, where it cannot have changed on the way."""
        value = self.now(name)
        if value is not None and _lasting(value):
            shown = repr(value)
            return _parsed(shown) if len(shown) <= _MAX_VALUE else None
        made = self._made(name)
        if made is None or not _is_plain(made):
            return None
        changed = type(value) in _PLAIN and repr(value) != repr(ast.literal_eval(made))
        return None if changed and may_be_other(self.path, name, made, used_up=False) else made

    def _made(self, name: str) -> ast.expr | None:
        """The right side of the one assignment to it, if only checks have read it since."""
        scope = next((n for n in reversed(self.path) if isinstance(n, _SCOPES)), self.path[0])
        found: ast.expr | None = None
        stores = 0
        for statement in statements(scope):
            for node in own_nodes(statement):
                if isinstance(node, ast.Name) and node.id == name:
                    stores += not isinstance(node.ctx, ast.Load)
                    if isinstance(node.ctx, ast.Load) and not _is_check(statement):
                        return None
            if isinstance(statement, ast.Assign) and _target(statement) == name:
                found = statement.value
        return found if stores == 1 else None


def find(error: BaseException | None, source: str, filename: str) -> Place | None:
    step = error.__traceback__ if error is not None else None
    found, inner = None, None
    while step is not None:
        if step.tb_frame.f_code.co_filename == filename:
            found, inner = step, step.tb_next
        step = step.tb_next
    if found is None:
        return None
    tree, text = _read(source)
    positions = found.tb_frame.f_code.co_positions()
    place = next(itertools.islice(positions, found.tb_lasti // 2, None), (None,) * 4)
    path = tuple(path_to(tree, found.tb_lineno, place))
    node = node_at(path[-1], place)
    return Place(path, node, found.tb_frame, inner.tb_frame if inner else None, text)


@functools.lru_cache(maxsize=2)
def _read(source: str) -> tuple[ast.Module, SourceText]:
    return ast.parse(source), SourceText(source)


def _is_check(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Assert):
        return True
    call = getattr(statement, "value", None) if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and last_name(call.func).startswith("assert")


def _target(statement: ast.Assign) -> str | None:
    target = statement.targets[0]
    return target.id if len(statement.targets) == 1 and isinstance(target, ast.Name) else None


def _lasting(value: Any) -> bool:
    if type(value) is tuple:
        return len(value) < _MAX_VALUE and all(type(item) in _LASTING for item in value)
    if type(value) is int:
        return value.bit_length() < 4 * _MAX_VALUE
    return type(value) in _LASTING and not (type(value) in (str, bytes) and len(value) > _MAX_VALUE)


def _is_plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return len(ast.unparse(node)) <= _MAX_VALUE


def _parsed(shown: str) -> ast.expr:
    return ast.parse(shown, mode="eval").body


def _cut(text: str | None) -> str | None:
    return text[:_MAX_CALL] if text else None
