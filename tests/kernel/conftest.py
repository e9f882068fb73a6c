"""A real JupyterLab with the whole product, and real kernels as a learner has them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.counterparts.api import Counterpart, counterpart
from tests.kernel.forked import Nursery, nursery
from tests.kernel.frontend import FrontEnd
from tests.labserver import OURS, LabServer, lab_server
from tests.ui.counterpart import gemini

Opener = Callable[..., FrontEnd]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    home = tmp_path_factory.mktemp("home")
    with gemini() as settings, lab_server(home, environment=settings) as server:
        server.wait_ready()
        server.agree()
        yield server


@pytest.fixture
def faulty() -> Iterator[Counterpart]:
    with counterpart() as server:
        yield server


@pytest.fixture(scope="session")
def kernels() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


@pytest.fixture
def opener(tmp_path: Path, kernels: Nursery) -> Iterator[Opener]:
    """Opens kernels; none of the machine's own settings reach them."""
    opened: list[FrontEnd] = []

    def open_one(cwd: Path = tmp_path, **environment: str) -> FrontEnd:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        opened.append(FrontEnd(cwd, {**clean, "HOME": str(tmp_path), **environment}, kernels))
        return opened[-1]

    yield open_one
    for front_end in opened:
        front_end.close()


@pytest.fixture
def kernel(lab: LabServer, opener: Opener, tmp_path: Path) -> FrontEnd:
    """A kernel of the same user as the server, told nothing about it; the extension is loaded."""
    front_end = opener(HOME=str(lab.home))
    assert "PythonMastery is loaded" in front_end.run("%load_ext pythonmastery_ext")
    return front_end
