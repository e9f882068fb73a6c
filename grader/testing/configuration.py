"""What a `conftest.py` may set up for all tests, where no command line says anything."""

from __future__ import annotations

import pathlib
import types
from typing import Any

from grader.testing.faults import collected
from grader.testing.helpers import helper
from grader.testing.hooks import FILE, call, refuse_unknown

#: The fixture by which tests ask for it.
CONFIG = "pytestconfig"
#: Options that stand for yes or no: what they are where nobody gives them.
_WITHOUT = {"store_true": False, "store_false": True, "count": 0}


class Parser:
    """In which `pytest_addoption` registers options; a group of them is the same here."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def addoption(self, *names: str, **told: Any) -> None:
        long = [name for name in names if name.startswith("--")]
        dest = told.get("dest") or (long or list(names))[0].lstrip("-").replace("-", "_")
        default = told.get("default", _WITHOUT.get(told.get("action", "")))
        setattr(self._config.option, dest, default)
        self._config.dests.update(dict.fromkeys(names, dest))

    _addoption = addoption

    def addini(self, name: str, help: str = "", type: Any = None, default: Any = None) -> None:  # noqa: A002
        lists = type in ("args", "linelist", "pathlist", "paths")
        self._config.ini[name] = [] if default is None and lists else default

    def getgroup(self, *_: Any, **__: Any) -> Parser:
        return self


class Config:
    """pytest's `config` where nothing is set but what `conftest.py` says."""

    rootpath = property(lambda self: pathlib.Path.cwd())

    def __init__(self) -> None:
        self.option = types.SimpleNamespace()
        self.dests: dict[str, str] = {}
        self.ini: dict[str, Any] = {}

    def getoption(self, name: str, default: Any = None, skip: bool = False) -> Any:
        found = getattr(self.option, self.dests.get(name, name), None)
        return default if found is None else found

    def getini(self, name: str) -> Any:
        return self.ini.get(name, [])

    def addinivalue_line(self, name: str, line: str) -> None:
        """A mark need not be known."""

    def getvalue(self, name: str) -> Any:
        return self.getoption(name)

    @property
    def hook(self) -> Any:
        """By which a hook tells the tests that it has left out."""
        return types.SimpleNamespace(pytest_deselected=lambda items: None)


def conftest() -> dict[str, Any]:
    """The names of the file, if there is one, and what it has configured."""
    module = collected(FILE, lambda: helper("conftest"))
    if module is None:
        return {}
    refuse_unknown(vars(module))
    return {**vars(module), CONFIG: collected(FILE, lambda: _configured(vars(module)))}


def _configured(names: dict[str, Any]) -> Config:
    config = Config()
    call(names.get("pytest_addoption"), {"parser": Parser(config)})
    call(names.get("pytest_configure"), {"config": config})
    session = types.SimpleNamespace(config=config, items=[])
    call(names.get("pytest_sessionstart"), {"session": session})
    return config
