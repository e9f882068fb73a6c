"""What a test sees: its own names, Python's, the imports of `given`, then the student's module."""

from __future__ import annotations

import ast
import builtins
import functools
import io
import os
import re
import sys
import types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grader.remote import kinds, libraries
from grader.remote.functions import RemoteModule, show_source
from grader.testing import foreign, frameworks, handing, helpers, importing, pytest_shim

if TYPE_CHECKING:
    from grader.protocol import GradeRequest
    from grader.remote import Session
    from grader.testing.asserting import Recorder


#: What both sides take for the user's folder, where tests ask for it.
_HOME = "/home/student"
_OF_HOME = ("expanduser", ".home()", "'HOME'", '"HOME"')


#: `patch("builtins.input")`, `monkeypatch.setattr(builtins, "print", …)`.
_OF_BUILTINS = re.compile(r"""\bbuiltins['"]?(?:\.|\s*,\s*['"])(\w+)""")
#: Those that the grader has no other one for.
_PATCHABLE = frozenset(dir(builtins)) - frozenset(
    {"__build_class__", "__import__", "compile", "dir", "eval", "exec", "exit", "globals"}
    | {"issubclass", "quit"}
)


class MissingName(NameError):
    """A test uses a name that the student's code does not define."""


class Usual:
    """What a test finds under a builtin name that it patches: at other times this."""

    def __init__(self, real: Any, value: Any = None) -> None:
        self._real = real
        self._value = real if value is None else value

    def now(self, found: Any) -> Any:
        return self._value if found is self._real else found


def _patched(sources: Iterable[str]) -> set[str]:
    """Builtins that these tests put something in the place of."""
    named = (source for source in sources if "builtins" in source)
    found = {name for source in named for name in _OF_BUILTINS.findall(source)}
    return found & _PATCHABLE


class Names(dict[str, Any]):
    """Stands in the place of a test's builtins, so that its globals stay an ordinary dict.

    Names of the student come last: a student's own `sorted` or `Decimal` must not decide a test.
    """

    #: How a frame of the tests is known.
    runs_tests = True
    #: The test file.
    filename = ""

    def __init__(
        self,
        session: Session,
        module: str,
        trusted: dict[str, Any],
        sources: Iterable[str] = (),
    ) -> None:
        """`sources`: the test files, and whatever else of the author's is text."""
        super().__init__(vars(builtins))
        # Of the module `site`, which nobody needs for the rest of what it does.
        self["exit"] = self["quit"] = sys.exit
        self.update(trusted)
        self._session = session
        self._student = sys.modules.get(module) or RemoteModule(session, module)
        self.module = module
        # A test may ask for a name instead of using it: `"total" in globals()`.
        self["globals"] = lambda: _Globals(sys._getframe(1).f_globals, self._student)
        self["dir"] = self._dir
        self["issubclass"] = kinds.is_subclass
        self["__build_class__"] = kinds.build_class
        sources = tuple(sources)
        self._patched = {name: Usual(self.pop(name)) for name in _patched(sources)}
        texts = foreign.Texts(session, module, sources)
        foreign.guard(texts)
        self["compile"] = texts.compile
        for how in ("eval", "exec"):
            self[how] = functools.partial(_run, texts, how)

    def use(self, name: str, value: Any) -> None:
        """In the place of Python's own, until a test patches that."""
        if name in self._patched:
            self._patched[name] = Usual(vars(builtins)[name], value)
        else:
            self[name] = value

    def __delitem__(self, name: str) -> None:
        if self._patched.pop(name, None) is None:
            super().__delitem__(name)

    def touched(self) -> int:
        """How often something of the student's code has reached the tests."""
        return self._session.touched

    def refused(self) -> Exception | None:
        """What a thread of the tests could not hand over since this was asked last."""
        found, self._session.refused = self._session.refused, None
        return found

    def _dir(self, *args: Any) -> list[str]:
        if args:
            return dir(*args)
        return sorted({*sys._getframe(1).f_locals, *dir(self._student)})

    def __missing__(self, name: str) -> Any:
        if name in self._patched:
            return self._patched[name].now(vars(builtins)[name])
        if name.startswith("__") and name.endswith("__"):
            raise KeyError(name)
        try:
            return getattr(self._student, name)
        except AttributeError:
            raise MissingName(f"Your code does not define {name!r}.", name=name) from None


def _run(texts: foreign.Texts, how: str, text: Any, /, *spaces: Any, **_: Any) -> Any:
    given = [space for space in spaces if space is not None]
    return texts.run(how, text, given, sys._getframe(1))


class _Globals(dict[str, Any]):
    """The globals of a test; names that it does not bind itself are the student's."""

    def __init__(self, own: dict[str, Any], student: Any) -> None:
        super().__init__(own)
        self._student = student
        self._own = own

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self._student, name)
        except AttributeError:
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (
            isinstance(name, str) and hasattr(self._student, name)
        )

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - that is what this is

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self._own[name] = value


def trusted_names(given: str) -> dict[str, Any]:
    """What `given` imports, imported here: these names are never taken from the student."""
    space: dict[str, Any] = {}
    if not given:
        return space
    exec(_imports(given), space)  # noqa: S102 - the author's own imports
    space.pop("__builtins__", None)
    return space


@functools.lru_cache(maxsize=1)
def _imports(given: str) -> Any:
    try:
        tree = ast.parse(given)
    except SyntaxError:
        tree = ast.Module([], [])
    imports: list[ast.stmt] = [
        node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return compile(ast.Module(imports, []), "<given>", "exec", dont_inherit=True)


@functools.lru_cache(maxsize=256)
def module_name(filename: str) -> str:
    """A test cell of a notebook has its key in the place of a file."""
    name = os.path.splitext(os.path.basename(filename))[0]  # noqa: PTH119, PTH122 - quicker
    return "tests" if " " in name else name


def fresh(names: Names, recorder: Recorder, filename: str) -> dict[str, Any]:
    """The globals of a new test module."""
    names["__pm_compare__"] = recorder.compare
    names["__pm_truth__"] = recorder.truth
    names["__pm_alike__"] = recorder.alike
    name = module_name(filename)
    module = types.ModuleType(name)
    names.filename = filename
    foreign.lies_at(filename)
    names.use("open", io.open)  # by which the tests may read the student's file, too
    module.__file__ = filename  # what lies beside the tests is found by it
    sys.modules[name] = module  # unittest and mock look modules up by name
    module.__dict__["__builtins__"] = names
    return module.__dict__


def install(session: Session, request: GradeRequest) -> bool:
    """Make `pytest` and the student's module importable; True: that runs when it is imported."""
    show_source(request.module, request.code)
    sys.modules["pytest"] = pytest_shim
    libraries.follow(session, request)
    handing.follow(session, request)
    sources = [*(test.source for test in request.tests), *request.test_modules.values()]
    if any(word in source for source in sources for word in _OF_HOME):
        os.environ["HOME"] = _HOME  # told to the student's side, and nothing of this machine
    frameworks.offer(sources)
    return importing.install(session, request)


def forget(name: str) -> None:
    """The next import of this module of the tests runs it again."""
    helpers.forget(name)


def install_helpers(sources: dict[str, str], names: Names) -> None:
    if sources:
        sys.meta_path.insert(0, helpers.TestModules(sources, names))
