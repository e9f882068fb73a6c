"""Fixtures of pytest-style tests: found by name, set up once in their scope, torn down again."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any

from grader.static import similar
from grader.testing.builtin_fixtures import BUILTIN
from grader.testing.configuration import CONFIG, Config
from grader.testing.fixture_request import Request, module_of, wanted
from grader.testing.hooks import Hooks
from grader.testing.items import Item
from grader.testing.pytest_shim import Fixture, UsageError

_RANKS = {"session": 0, "package": 1, "module": 2, "class": 3, "function": 4}


class Lasting:
    """What outlives one test: values of wider scopes, and the event loop of asynchronous tests."""

    def __init__(self, space: dict[str, Any], shared: dict[str, Any]) -> None:
        self.space = space
        self.config: Config = shared.get(CONFIG) or Config()
        #: Names of the `conftest.py` beside the tests.
        self.shared = shared
        self.hooks = Hooks(shared)
        #: By class or file, what its tests have in common for `Item.parent`.
        self.parents: dict[Any, Any] = {}
        self.values: dict[Any, Any] = {}
        self.exits = contextlib.ExitStack()
        self._owner: type | None = None
        self._of_class: contextlib.ExitStack | None = None
        self._runner: asyncio.Runner | None = None
        self._entered = False

    def enter(self, owner: type | None) -> None:
        """Before a test of this class (None: of no class)."""
        if not self._entered:
            self._entered = True
            module = self.space.get("setup_module") or self.space.get("setUpModule")
            after = self.space.get("teardown_module") or self.space.get("tearDownModule")
            if after is not None:
                self.exits.callback(_call_hook, after, module_of(self.space))
            if module is not None:
                _call_hook(module, module_of(self.space))
        if owner is self._owner:
            return
        self.leave_class()
        self._owner, self._of_class = owner, contextlib.ExitStack()
        if owner is not None and hasattr(owner, "teardown_class"):
            self._of_class.callback(_call_hook, owner.teardown_class, owner)
        if owner is not None and hasattr(owner, "setup_class"):
            _call_hook(owner.setup_class, owner)

    def leave_class(self) -> None:
        stack, self._of_class, self._owner = self._of_class, None, None
        self.values = {key: v for key, v in self.values.items() if key[0] != "class"}
        if stack is not None:
            stack.close()

    def exits_of(self, scope: str) -> contextlib.ExitStack:
        return self._of_class if scope == "class" and self._of_class is not None else self.exits

    def await_(self, awaitable: Any) -> Any:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(_as_coroutine(awaitable))

    def finish(self) -> None:
        try:
            self.leave_class()
        finally:
            try:
                self.exits.close()
            finally:
                if self._runner is not None:
                    self._runner.close()


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable


def _call_hook(hook: Callable[..., Any], *args: Any) -> None:
    hook(*args[: len(inspect.signature(hook).parameters)])


class Scope:
    """Fixture values of one test, on top of those that last longer."""

    def __init__(
        self,
        lasting: Lasting,
        instance: Any = None,
        function: Any = None,
        item: Item | None = None,
    ) -> None:
        self.lasting = lasting
        self.instance = instance
        self.function = function
        self.item = item
        #: Values that a parameter gives directly, in the place of a fixture.
        self.direct: dict[str, Any] = {}
        #: What the test itself is called with.
        self.arguments: dict[str, Any] = {}
        #: Values for `request.param`.
        self.params: dict[str, Any] = {}
        self.exits = contextlib.ExitStack()
        self._values: dict[Any, Any] = {}
        self._making: list[Fixture] = []

    def close(self) -> None:
        self.exits.close()

    def all_of(self, name: str) -> list[Fixture]:
        """Fixtures of this name, the nearest first: class, test file, `conftest.py`."""
        return [
            fixture
            for place in self._places()
            for key, fixture in place.items()
            if isinstance(fixture, Fixture) and (fixture.name or key) == name
        ]

    def _places(self) -> Iterable[dict[str, Any]]:
        owner = type(self.instance)
        members = {k: v for kind in reversed(owner.__mro__) for k, v in vars(kind).items()}
        return members, self.lasting.space, self.lasting.shared

    def find(self, name: str, beyond: Fixture | None = None) -> Fixture | None:
        found = self.all_of(name)
        if beyond is not None and beyond in found:
            found = found[found.index(beyond) + 1 :]
        return next(iter(found), None)

    def get(self, name: str, asker: Fixture | None = None) -> Any:
        if name in self.direct:
            return self.direct[name]
        fixture = self.find(name, asker)
        if fixture is None:
            return self._builtin(name, asker)
        if fixture in self._making:
            raise UsageError(f"fixture {name!r} needs itself")
        lasts = fixture.scope != "function"
        store = self.lasting.values if lasts else self._values
        exits = self.lasting.exits_of(fixture.scope) if lasts else self.exits
        key = (fixture.scope, id(fixture), *self._params_behind(fixture, name))
        if key not in store:
            self._making.append(fixture)
            try:
                store[key] = self._make(fixture, name, exits)
            finally:
                self._making.pop()
        return store[key]

    def _params_behind(self, fixture: Fixture, name: str) -> tuple[int, ...]:
        names = {name, *self.closure(wanted(fixture.function))} & self.params.keys()
        return tuple(id(self.params[n]) for n in sorted(names))

    def closure(self, names: Iterable[str]) -> dict[str, Fixture]:
        """All fixtures that these names need, directly or through others; wider scopes first."""
        found: dict[str, Fixture] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            fixture = self.find(name)
            if fixture is not None and name not in found:
                found[name] = fixture
                waiting += wanted(fixture.function)
        return dict(sorted(found.items(), key=lambda item: _RANKS.get(item[1].scope, 4)))

    def _builtin(self, name: str, asker: Fixture | None) -> Any:
        if name == "request":
            return Request(self, None, "", self.exits)
        if name == CONFIG:
            return self.lasting.config
        if name not in BUILTIN:
            raise self._missing(name, asker.function if asker is not None else self.function)
        if name not in self._values:
            self._values[name] = self.exits.enter_context(BUILTIN[name](self))
        return self._values[name]

    def _missing(self, name: str, function: Any) -> UsageError:
        """`function`: what asks for it."""
        places = (item for place in self._places() for item in place.items())
        own = {f.name or key for key, f in places if isinstance(f, Fixture)}
        near = similar(name, own | BUILTIN.keys())
        meant = f"; did you mean {near!r}?" if near is not None else "."
        known = ", ".join((*sorted(own), *sorted(BUILTIN), "request"))
        error = UsageError(f"fixture {name!r} not found{meant} There are: {known}")
        if isinstance(function, staticmethod | classmethod):
            function = function.__func__
        code = inspect.unwrap(function).__code__
        error.file, error.line = code.co_filename, code.co_firstlineno
        return error

    def automatic(self) -> list[str]:
        found = {
            fixture.name or key: fixture
            for place in reversed(tuple(self._places()))
            for key, fixture in place.items()
            if isinstance(fixture, Fixture) and fixture.autouse
        }
        return sorted(found, key=lambda name: _RANKS.get(found[name].scope, 4))

    def fill(self, names: Iterable[str]) -> dict[str, Any]:
        """Values for these parameters; those of wider scopes are set up first."""
        names = list(names)
        found = {name: self.find(name) for name in names}

        def rank(name: str) -> int:
            fixture = found[name]
            return _RANKS.get(fixture.scope, 4) if fixture else 4

        made = {name: self.get(name) for name in sorted(names, key=rank)}
        return {name: made[name] for name in names}

    def _make(self, fixture: Fixture, name: str, exits: contextlib.ExitStack) -> Any:
        function = fixture.function
        if isinstance(function, staticmethod | classmethod):
            function = function.__func__
        parameters = wanted(function)
        if parameters[:1] in (["self"], ["cls"]):
            owner = self.instance if parameters[0] == "self" else type(self.instance)
            function, parameters = types.MethodType(function, owner), parameters[1:]
        request = Request(self, fixture, name, exits)
        arguments = {n: request if n == "request" else self.get(n, fixture) for n in parameters}
        if inspect.isgeneratorfunction(fixture.function):
            return exits.enter_context(contextlib.contextmanager(function)(**arguments))
        if inspect.isasyncgenfunction(fixture.function):
            steps = function(**arguments)
            exits.callback(lambda: self.lasting.await_(_finish(steps)))
            return self.lasting.await_(anext(steps))
        made = function(**arguments)
        return self.lasting.await_(made) if inspect.iscoroutine(made) else made


async def _finish(steps: Any) -> None:
    async for _ in steps:
        raise UsageError("an asynchronous fixture yields once")
