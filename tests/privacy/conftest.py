"""Keys of one's own."""

from pathlib import Path

import pytest

from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.keyfile import KeyFile


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "keys.json")
    made.make()
    return made


@pytest.fixture
def keyring(file: KeyFile) -> Keyring:
    return Keyring(file.keys)
