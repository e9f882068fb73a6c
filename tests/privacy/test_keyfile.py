"""The file with the keys: who may read it, its form, and a key that is added while it is used."""

import json
import stat

import pytest

from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.encryption import Keyring, key_of
from pythonmastery_ext.db.keyfile import (
    KeyFile,
    KeyFileMissing,
    KeyFileNotNamed,
    KeyFileOpen,
    KeyFileWrong,
    keyring,
)

PLACE = {"table": "app_user", "column": "email", "row": 7}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONMASTERY_ENCRYPTION_KEYS_FILE")


def test_on_ones_own_machine_a_file_that_only_we_can_read_is_made(tmp_path):
    settings = Settings(role="local", data_dir=str(tmp_path / "data"))
    sealed = keyring(settings).seal("ada", **PLACE)
    made = tmp_path / "data" / "keys.json"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert keyring(settings).open(sealed, **PLACE) == "ada"
    assert [path.name for path in made.parent.iterdir()] == ["keys.json"]


def test_an_authority_must_be_given_its_keys(tmp_path):
    settings = Settings(role="authority", data_dir=str(tmp_path))
    with pytest.raises(KeyFileNotNamed, match="PYTHONMASTERY_ENCRYPTION_KEYS_FILE"):
        keyring(settings)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_named_and_missing_is_not_replaced(tmp_path):
    settings = Settings(role="local", encryption_keys_file=str(tmp_path / "gone.json"))
    with pytest.raises(KeyFileMissing, match="put it back from a copy"):
        keyring(settings)


def test_making_it_twice_keeps_the_first(file):
    before = file.path.read_text()
    KeyFile(file.path).make()
    assert file.path.read_text() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(file, mode):
    file.path.chmod(mode)
    with pytest.raises(KeyFileOpen, match="0600"):
        file.keys()


def wrong(**changes: object) -> str:
    key = "A" * 43 + "="
    return json.dumps({"version": 1, "current": 1, "keys": {"1": key}, "blind": key, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        wrong(version=2),
        wrong(current=2),
        wrong(blind="c2hvcnQ="),
        wrong(keys={"0": "A" * 43 + "="}),
        wrong(keys={"1": "not base64"}),
        wrong(keys=["1"]),
    ],
)
def test_a_file_of_another_form_is_refused_without_telling_what_is_in_it(file, text):
    file.path.write_text(text)
    with pytest.raises(KeyFileWrong) as refused:
        file.keys()
    assert "A" * 8 not in str(refused.value)


def test_a_new_key_is_used_at_once_by_who_has_the_file_open(file):
    ring = Keyring(file.keys)
    before = ring.seal("ada", **PLACE)
    added = KeyFile(file.path).add()
    after = ring.seal("ada", **PLACE)
    assert key_of(before) != key_of(after) == added == ring.current
    assert ring.open(before, **PLACE) == "ada"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert len(json.loads(file.path.read_text())["keys"]) == 2
