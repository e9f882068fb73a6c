"""Names and addresses move into encrypted columns, and from one key to the next."""

import json

import psycopg
import pytest
from sqlalchemy import LargeBinary, select, text, update

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.cli import main
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.encryption import Keyring, KeyUnknown, SealBroken
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.identity import Person
from pythonmastery_ext.privacy import sealing

#: Bytes that are no encrypted text.
OTHER_BYTES = {
    "audit_event.hash": "a hash",
    "audit_seal.hash": "a hash",
    "audit_seal.marks": "pieces of hashes",
    "app_user.email_blind": "an HMAC",
    "data_request.link_sha": "a hash",
    "data_request.username_mark": "an HMAC",
    "data_request.github_mark": "an HMAC",
    "data_export.sealed": "parts of a zip, which a rotation has made again",
    "session.session_token": "a hash",
    "submission_key.body_sha": "a hash",
}


async def people(db, count: int) -> None:
    """As release 0.1 leaves them."""
    async with db.transaction() as session:
        await session.execute(
            text(
                "insert into app_user (username, email, display_name) "
                "select 'p' || n, 'P' || n || '@example.org', 'Person ' || n "
                "from generate_series(1, :count) n"
            ),
            {"count": count},
        )


async def users(db) -> list[User]:
    async with db.transaction() as session:
        return list(await session.scalars(select(User).order_by(User.id)))


def opened(keyring: Keyring, user: User) -> tuple[str, str]:
    return (
        keyring.open(user.email_sealed, **sealing.EMAIL.place(user.id)),
        keyring.open(user.display_name_sealed, **sealing.DISPLAY_NAME.place(user.id)),
    )


def test_every_column_of_bytes_is_known_to_the_rotation_or_holds_no_text():
    found = {
        f"{table.name}.{column.name}"
        for table in tables.metadata().tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    known = {f"{sealed.table}.{sealed.column}" for sealed in sealing.SEALED}
    assert found - OTHER_BYTES.keys() == known


async def test_what_stands_in_the_clear_is_moved_in_batches(db, keyring, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    await people(db, 7)
    assert await sealing.seal_plain(db, keyring) == 7
    assert await sealing.seal_plain(db, keyring) == 0
    rows = await users(db)
    assert [(user.email, user.display_name) for user in rows] == [(None, None)] * 7
    assert opened(keyring, rows[2]) == ("P3@example.org", "Person 3")
    assert rows[2].email_blind == keyring.blind("p3@EXAMPLE.org")


async def test_a_name_is_kept_sealed_and_shown(db, keyring):
    async with db.transaction() as session:
        first = await learner_for(session, Person("ada", "Ada Lovelace"), keyring)
    async with db.transaction() as session:
        later = await learner_for(session, Person("ada"), keyring)
    (row,) = await users(db)
    assert first == later
    assert later.display_name == "Ada Lovelace"
    assert row.display_name is None
    assert b"Lovelace" not in row.display_name_sealed


async def test_release_01_may_still_write_in_the_clear_during_an_upgrade(db, keyring):
    async with db.transaction() as session:
        await learner_for(session, Person("ada", "Ada"), keyring)
        await session.execute(update(User).values(display_name="Augusta Ada"))
    async with db.transaction() as session:
        assert (await learner_for(session, Person("ada"), keyring)).display_name == "Augusta Ada"
    await sealing.seal_plain(db, keyring)
    async with db.transaction() as session:
        assert (await learner_for(session, Person("ada"), keyring)).display_name == "Augusta Ada"


async def test_a_rotation_seals_everything_with_the_newest_key(db, keyring, file, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    await people(db, 7)
    await sealing.seal_plain(db, keyring)
    file.add()
    assert await sealing.rotate(db, keyring) == 14
    async with db.transaction() as session:
        assert await sealing.keys_in_use(session) == {keyring.current: 14}
    assert opened(keyring, (await users(db))[6]) == ("P7@example.org", "Person 7")
    assert await sealing.rotate(db, keyring) == 0


async def test_a_rotation_that_broke_off_goes_on(db, keyring, file, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    await people(db, 5)
    await sealing.seal_plain(db, keyring)
    file.add()
    async with db.transaction() as session:
        await session.execute(
            update(User).where(User.username == "p4").values(email_sealed=b"\x01" + bytes(40))
        )
    with pytest.raises(KeyUnknown):
        await sealing.rotate(db, keyring)
    async with db.transaction() as session:
        assert (await sealing.keys_in_use(session))[keyring.current] == 2
        await session.execute(update(User).where(User.username == "p4").values(email_sealed=None))
    assert await sealing.rotate(db, keyring) == 7


async def test_a_key_file_that_does_not_fit_the_database_is_told_at_the_start(
    db, keyring, file, tmp_path
):
    await people(db, 1)
    await sealing.seal_plain(db, keyring)
    other = KeyFile(tmp_path / "other.json")
    other.make()
    async with db.transaction() as session:
        with pytest.raises(KeyUnknown, match="put the key back"):
            await sealing.check(session, Keyring(other.keys))
    swapped = json.loads(other.path.read_text())
    swapped["keys"] = {str(keyring.current): next(iter(swapped["keys"].values()))}
    swapped["current"] = keyring.current
    other.path.write_text(json.dumps(swapped))
    async with db.transaction() as session:
        with pytest.raises(SealBroken):
            await sealing.check(session, Keyring(other.keys))
        await sealing.check(session, keyring)


def test_keys_are_made_listed_and_rotated_from_the_command_line(
    database_url, tmp_path, monkeypatch, capsys
):
    path = tmp_path / "made.json"
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    monkeypatch.setenv("PYTHONMASTERY_ENCRYPTION_KEYS_FILE", str(path))
    assert main(["keys", "list"]) == 2
    assert "put it back from a copy" in capsys.readouterr().err
    assert main(["keys", "new", str(path)]) == 0
    first = KeyFile(path).keys().current
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("insert into app_user (username, display_name) values ('ada', 'Ada')")
    assert main(["keys", "rotate"]) == 0
    assert main(["keys", "new"]) == 0
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert f"{first}         1 values" in listed
    assert main(["keys", "rotate"]) == 0
    assert capsys.readouterr().out.startswith("1 values were sealed anew")
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        kinds = connection.execute("select kind from audit_event").fetchall()
    assert kinds == [("keys.rotated",)] * 2
