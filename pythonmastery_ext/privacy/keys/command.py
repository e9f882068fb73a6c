"""`pythonmastery keys`: the keys of encrypted columns."""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import ConfigError, Settings
from pythonmastery_ext.db.command import on_database
from pythonmastery_ext.db.encryption import EncryptionProblem, Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile, KeyFileProblem, key_file
from pythonmastery_ext.privacy import sealing


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("keys", help="the keys of encrypted columns")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="keys, and how many values each has sealed").set_defaults(
        run=on_database(list_keys)
    )
    new = actions.add_parser("new", help="a key for what is written from now on")
    new.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="made if missing; default: the set one"
    )
    new.set_defaults(run=new_key)
    actions.add_parser(
        "rotate", help="seal everything with the newest key, while the service runs"
    ).set_defaults(run=on_database(rotate))


def new_key(args: argparse.Namespace) -> int:
    try:
        file = KeyFile(args.file) if args.file else key_file(Settings())
        if file.path.exists():
            made = file.add()
            print(f"Key {made} is in {file.path} and seals what is written from now on.")
            print("`pythonmastery keys rotate` seals what is there already with it.")
        else:
            file.make()
            print(f"{file.path} holds key {file.keys().current}.")
        print("Keep a copy of the file apart from the dumps of the database: one needs both.")
    except (ConfigError, KeyFileProblem) as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def list_keys(url: str, _args: argparse.Namespace) -> int:
    keys = key_file(Settings()).keys()
    used = asyncio.run(_used(url))
    for key in sorted({*keys.keys, *used}):
        notes = ["seals what is written now"] if key == keys.current else []
        notes += [] if key in keys.keys else ["missing in the file: put it back from a copy"]
        print(f"{key:>5}  {used[key]:>8} values  {', '.join(notes)}".rstrip())
    return 0 if set(used) <= set(keys.keys) else 1


def rotate(url: str, _args: argparse.Namespace) -> int:
    file = key_file(Settings())
    try:
        changed = asyncio.run(_rotate(url, Keyring(file.keys)))
    except EncryptionProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{changed} values were sealed anew; all use key {file.keys().current} now.")
    print("Keep the older keys for as long as there are dumps from before.")
    return 0


async def _used(url: str) -> Counter[int]:
    db = Database(url, application_name="pythonmastery keys", pool_size=1, max_overflow=5)
    try:
        async with db.transaction() as session:
            return await sealing.keys_in_use(session)
    finally:
        await db.close()


async def _rotate(url: str, keyring: Keyring) -> int:
    db = Database(url, application_name="pythonmastery keys", pool_size=1, max_overflow=5)
    try:
        await sealing.seal_plain(db, keyring)
        changed = await sealing.rotate(db, keyring)
        async with db.transaction() as session:
            await audit.record(
                session,
                "keys.rotated",
                actor=None,
                learner=None,
                target=None,
                data={"key": keyring.current, "values": changed},
                streamed=False,
            )
        return changed
    finally:
        await db.close()
