"""Python text that the tests did not write themselves is never run beside them.

`exec` and `eval` of such text happen in the student's process, with the names that the text reads;
what it defines comes back. Every other way to run it is refused, with a word to the author: the
text may be the student's, and whoever runs beside the tests could decide them.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import os
import sys
import timeit
import types
from collections.abc import Iterable, Sequence
from importlib import machinery
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.testing import opening
from grader.testing.literals import fills, forms, strings
from grader.testing.pytest_shim import UsageError

if TYPE_CHECKING:
    from grader.remote.session import Session

#: Of the standard library: they run text, or the file of a name, for whoever calls them.
_RUNNING = frozenset(
    {"bdb", "cProfile", "code", "codeop", "doctest", "pdb", "profile", "runpy", "timeit", "trace"}
    | {"importlib._bootstrap", "importlib._bootstrap_external"}
)
_STARTING = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})
_BUILTINS = frozenset(dir(builtins))
_MAX_FILLED = 4096


class StartsProgram(Exception):
    """A test starts what cannot be started here; the others of its file go on."""


class Texts:
    """Tells the text of the tests from any other, and sees to it that the other runs elsewhere."""

    def __init__(self, session: Session, module: str, sources: Iterable[str]) -> None:
        self._session = session
        self._module = module
        self._sources = tuple(sources)
        self._literals: set[str] | None = None
        #: Of f-strings: what stands before, between and behind the values.
        self._forms: list[list[str]] | None = None
        #: Of code objects that `compile` has given for text of others.
        self._compiled: dict[types.CodeType, tuple[str, str]] = {}

    def is_touched(self) -> bool:
        """Whether what a test does may be the student's choice."""
        return bool(getattr(self._session, "touched", 0))  # between two submissions there is none

    def are_ours(self, text: str) -> bool:
        """Whether a string of the test files says this, the space around its parts aside.

        A name alone is in every test file: `eval(repr(p))` must not find the test's own `p`.
        """
        return not text.strip().isidentifier() and (self._says(text) or self._is_filled_in(text))

    def _says(self, text: str) -> bool:
        if self._literals is None:
            self._literals = {said for source in self._sources for said in strings(source)}
        return "".join(text.split()) in self._literals

    def _is_filled_in(self, text: str) -> bool:
        """`f"total({number})"`: the test's own words around plain values, which name nothing."""
        if self._forms is None:
            self._forms = [form for source in self._sources for form in forms(source)]
        return len(text) <= _MAX_FILLED and any(fills(text, form) for form in self._forms)

    def may_be_seen(self, text: str) -> bool:
        """Whether nothing is given away to the student's code: it says the same, line by line."""
        code = {"", *map(str.strip, linecache.getlines(f"{self._module}.py"))}
        return self._session.open_tests or code.issuperset(map(str.strip, text.splitlines()))

    def beside(self, expression: str, names: dict[str, Any]) -> Any:
        """What an expression of ours gives in the student's process."""
        return self._session.request("run", self._module, "eval", expression, names, False)[0]

    def run(self, how: str, text: Any, spaces: Sequence[Any], frame: types.FrameType) -> Any:
        """As `exec` and `eval` do in `frame`."""
        source = self._foreign(text)
        if source is None:
            run: Any = eval if how == "eval" else exec
            return run(text, *(spaces or (frame.f_globals, frame.f_locals)))
        if type(text) is types.CodeType:
            how = self._compiled[text][1]
        own = [space for space in spaces if type(space) is dict and space is not frame.f_globals]
        # Of the test's own names it sees none: a text that is `expected` would always be right.
        seen = {name: value for space in own for name, value in space.items() if name[0] != "_"}
        found, made = self._session.request("run", self._module, how, source, seen, bool(own))
        into = own[-1] if own else frame.f_globals
        taken = set() if own else _BUILTINS | into.keys()
        into.update({k: v for k, v in made.items() if k[0] != "_" and k not in taken})
        return found

    def _foreign(self, text: Any) -> str | None:
        """The source of what did not come from the tests."""
        if type(text) is types.CodeType:
            return self._compiled[text][0] if text in self._compiled else None
        if isinstance(text, ast.AST):
            text = ast.unparse(text)
        elif type(text) in (bytes, bytearray):
            text = bytes(text).decode("utf-8", "replace")
        if type(text) is not str or self.are_ours(text):
            return None
        return text.strip("\n") if "\n" in text.strip() else text.strip()

    def compile(self, source: Any, filename: Any, mode: str, *rest: Any, **options: Any) -> Any:
        made = compile(source, filename, mode, *rest, **options)
        text = self._foreign(source) if type(source) is not types.CodeType else None
        if text is None or type(made) is not types.CodeType:
            return made
        stub = compile("", f"<text {len(self._compiled)}>", "exec", dont_inherit=True)
        stub = stub.replace(co_name=f"text {len(self._compiled)}")
        self._compiled[stub] = text, mode
        return stub


#: The texts of the submission that is being graded; the hook below cannot be taken away again.
_CURRENT: list[Texts] = []
#: Where they may look.
_PLACES: list[opening.Places] = []


def guard(texts: Texts) -> None:
    """From now on nothing but the tests' own text is run for a test, by whatever means."""
    if not _CURRENT:
        sys.addaudithook(_look)
        opening.watch(_is_elsewhere)
        for loader in (machinery.SourceFileLoader, machinery.SourcelessFileLoader):
            _read_no_byte_code(loader)
    _CURRENT[:] = [texts]
    _PLACES[:] = [opening.Places(os.getcwd())]  # noqa: PTH109 - run for each test


def current() -> Texts:
    """Those of the submission that is being graded."""
    return _CURRENT[-1]


def lies_at(filename: str) -> None:
    """Beside the test file its data may lie."""
    if filename.startswith("/"):  # pathlib takes a while, and cells of a notebook lie nowhere
        folder = Path(filename).parent
        _PLACES[-1].beside = f"{folder}/"
        opening.follow(str(folder))
        _PLACES[-1].add(opening.top_of(folder))


def _read_no_byte_code(loader: Any) -> None:
    """Of a file in the folder that both sides see: there the student's code may have put it."""
    get_code = loader.get_code

    def checked(self: Any, name: str) -> Any:
        if _is_installed(self.path):
            return get_code(self, name)
        return self.source_to_code(self.get_data(self.path), self.path)

    loader.get_code = checked


def _look(event: str, args: tuple[Any, ...]) -> None:
    if event == "compile":
        _look_at_source(*args)
    elif event == "import" and args[1] and not _is_installed(args[1]):
        raise UsageError(f"the tests import {args[1]}, which is no text of theirs")
    elif event in opening.EVENTS:
        if _may_be_chosen(args[0]):
            _PLACES[-1].refuse(event, args[0])
    elif event in opening.MAKING:
        _PLACES[-1].add(args[0])
    elif event in _STARTING and _is_test_running():
        raise StartsProgram(
            "the tests start another program: only the student's file can be started, "
            "with subprocess and Python; or import it, or call its functions"
        )


def _look_at_source(source: Any, filename: Any) -> None:
    caller = sys._getframe(2)
    name = caller.f_globals.get("__name__")
    direct = _is_of_tests(caller)
    if not direct and (name not in _RUNNING or _is_installed(filename)):
        return
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    if type(text) is not str:
        if direct:
            raise UsageError("the tests compile a syntax tree: compile its text instead")
        return
    lines = (line.strip() for line in text.splitlines())
    known = _around(text) if name == "timeit" else {""}
    if not all(line in known or _CURRENT[-1].are_ours(line) for line in lines):
        raise UsageError(
            "the tests run Python text that is not their own: "
            "give it to exec() or eval(), which runs it beside the student's code"
        )


def _around(text: str) -> set[str]:
    """The lines that `timeit` itself adds."""
    first = text.strip().partition("\n")[0]
    template: str = getattr(timeit, "template")  # noqa: B009 - its stub does not know it
    made = template.format(stmt="pass", setup="pass", init="").splitlines()
    return {"", first.strip(), "_stmt()", "_setup()", *(line.strip() for line in made)}


def _is_elsewhere(path: Any) -> bool:
    return _may_be_chosen(path) and _PLACES[-1].is_elsewhere(path)


def _may_be_chosen(path: Any) -> bool:
    """By the student, and not named by the author."""
    if not _CURRENT[-1].is_touched() or not _is_test_running():
        return False
    return type(path) is not str or not _CURRENT[-1].are_ours(path)


def _is_of_tests(frame: types.FrameType) -> bool:
    return bool(getattr(frame.f_builtins, "runs_tests", False))


def _is_test_running() -> bool:
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and not _is_of_tests(frame):
        frame = frame.f_back
    return frame is not None


def _is_installed(filename: Any) -> bool:
    """A module of Python or of a package, or one beside the tests; not what lies elsewhere.

    Tests that put a folder on their path would run the student's other modules beside them.
    """
    name = str(filename)
    return name.startswith("/") and (opening.is_library(name) or _PLACES[-1].is_beside(name))
