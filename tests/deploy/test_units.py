"""The units for one machine: systemd understands them, and finds them well closed."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pythonmastery_ext.cli import parser_for
from pythonmastery_ext.config import PythonMastery
from tests.deploy import manifests

UNITS = manifests.DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
FILES = [*SERVICES, *sorted(UNITS.glob("*.timer")), *sorted(UNITS.glob("*.target"))]
#: Ten times what `systemd-analyze security` may say at most, from 0 (closed) to 100. The hub gives
#: out accounts; the grader makes namespaces.
EXPOSED = {"pythonmastery-hub": 65, "pythonmastery-grader@": 20}
OTHERS = 15
OURS = "/opt/pythonmastery/service/bin/pythonmastery"
#: What students' servers run from: they can read all of it. So does the grader, which is to know
#: no more than that.
STUDENTS = "/opt/pythonmastery/venv/"
ACCOUNTS = "pythonmastery.sysusers.conf"


@pytest.fixture
def analyze(tmp_path: Path) -> Path:
    """A copy of the units with programs that this machine has; skips where systemd is missing."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: install the package systemd")
    for file in FILES:
        text = re.sub(
            r"/opt/pythonmastery/(venv|service|node_modules)\S+/\S+", "/bin/true", file.read_text()
        )
        (tmp_path / file.name).write_text(text)
    return tmp_path


def said(file: Path, key: str) -> list[str]:
    """Every value of a key, in order."""
    return re.findall(rf"^{key}=(.*)$", file.read_text(), re.MULTILINE)


def commands() -> Iterator[list[str]]:
    """The words behind each `pythonmastery` of the units."""
    for file in SERVICES:
        for line in said(file, "ExecStart") + said(file, "ExecStartPre"):
            for rest in re.findall(rf"{OURS} ([^']+)", line):
                yield re.sub(r'"\$\$\(.*\)"', "2025-01", rest).split()


def test_systemd_understands_every_unit(analyze: Path):
    words = ["systemd-analyze", "verify", "--man=no", *(str(analyze / file.name) for file in FILES)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_systemd_finds_every_service_well_closed(analyze: Path, file: Path):
    most = EXPOSED.get(file.stem, OTHERS)
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}"]
    done = subprocess.run(
        [*words, str(analyze / file.name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-200:] + done.stderr


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_no_service_can_gain_rights(file: Path):
    assert said(file, "NoNewPrivileges") == ["yes"]
    assert said(file, "CapabilityBoundingSet") == [""] or file.stem == "pythonmastery-hub"
    assert said(file, "User") or file.stem == "pythonmastery-hub"


def test_the_grader_keeps_what_bubblewrap_needs_and_knows_nothing():
    grader = UNITS / "pythonmastery-grader@.service"
    for closed in ("RestrictNamespaces", "ProtectHostname", "ProcSubset", "PrivateUsers"):
        assert not said(grader, closed), closed
    calls = " ".join(said(grader, "SystemCallFilter")).split()
    assert {"@mount", "seccomp", "sethostname", "landlock_restrict_self"} <= set(calls)
    assert "AF_NETLINK" in said(grader, "RestrictAddressFamilies")[0]
    for given in ("EnvironmentFile", "Environment", "LoadCredential", "StateDirectory"):
        assert not said(grader, given), given
    assert said(grader, "PrivateNetwork") == ["yes"]


def test_workers_know_the_database_and_no_other_secret_and_ask_their_own_grader():
    worker, grader = (UNITS / f"pythonmastery-{name}@.service" for name in ("worker", "grader"))
    assert said(worker, "EnvironmentFile") == ["/etc/pythonmastery/worker.env"]
    assert not said(worker, "LoadCredential")
    (socket,) = re.findall("--socket=(.*)", said(grader, "ExecStart")[0])
    assert f"PYTHONMASTERY_GRADER_SOCKET={socket}" in said(worker, "Environment")
    assert "pythonmastery-grader@%i.service" in " ".join(said(worker, "Wants")).split()


def test_service_workers_graders_and_proxy_have_accounts_of_their_own():
    parts = ("authority", "worker@", "grader@", "proxy")
    users = [said(UNITS / f"pythonmastery-{name}.service", "User")[0] for name in parts]
    assert len(set(users)) == len(parts)
    joined = re.findall(r"^m (\S+) (\S+)", (UNITS / ACCOUNTS).read_text(), re.M)
    # Nobody is let in by the grader's account, and nobody but workers into its group.
    assert {account for account, _ in joined} == {"pythonmastery-worker"}


def test_what_a_service_is_given_comes_from_a_file_of_root_and_is_read():
    read = {name for trait in PythonMastery.class_traits().values()
            for name in trait.metadata.get("env", ())}  # fmt: skip
    for file in SERVICES:
        for given in said(file, "EnvironmentFile"):
            assert given.startswith("/etc/pythonmastery/")
        for setting in " ".join(said(file, "Environment")).split():
            name = setting.partition("=")[0]
            assert name in read | {"HOME", "PROXY_API_URL", "PROXY_OPTIONS", "PROXY_STARTED"}, (
                setting
            )
            assert not re.search("TOKEN|SECRET|PASSWORD|DATABASE", name), setting


def test_the_accounts_are_made_and_the_units_of_the_target_are_there():
    accounts = re.findall(r"^u (\S+)", (UNITS / ACCOUNTS).read_text(), re.M)
    assert {user for file in SERVICES for user in said(file, "User")} == set(accounts)
    wanted = " ".join(said(UNITS / "pythonmastery.target", "Wants")).split()
    for name in wanted:
        assert (UNITS / re.sub(r"@\d+", "@", name)).exists(), name
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").exists()


def test_the_commands_are_commands_of_ours():
    found = list(commands())
    assert len(found) == 5
    for words in found:
        parser_for(words).parse_args(words)


def test_students_run_from_another_environment_than_the_one_with_the_course():
    for file in SERVICES:
        started = " ".join(said(file, "ExecStart"))
        open_to_students = file.stem in ("pythonmastery-hub", "pythonmastery-grader@")
        assert (STUDENTS in started) == open_to_students, file
    page = (manifests.ROOT / "docs/operators.md").read_text()
    (made,) = re.findall(r"install -d .*service.*|install .*/opt/pythonmastery/service.*", page)
    assert "--mode=0750 --group=pythonmastery" in made
    installs = re.findall(r"/opt/pythonmastery/(\w+)/bin/pip install((?:.*\\\n)*.*)", page)
    assert {place: "curriculum" in words for place, words in installs} == {
        "venv": False,
        "service": True,
    }


def test_whoever_is_told_to_end_is_given_time_and_a_hub_s_students_go_on():
    for file in SERVICES:
        if said(file, "Type") != ["oneshot"]:
            assert said(file, "Restart") == ["always"]
            assert said(file, "TimeoutStopSec")
            by_itself = file.stem == "pythonmastery-hub"
            assert said(file, "KillMode") == ["process" if by_itself else "mixed"]
