"""`pythonmastery doctor` and the command it is part of."""

import json
import os
import shutil
import socket

import pytest

from pythonmastery_ext import __version__, cli, doctor
from pythonmastery_ext.config import Settings


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    for name in ("PYTHONMASTERY_DATABASE_URL", "PYTHONMASTERY_COURSE_DIR", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONMASTERY_DATA_DIR", str(tmp_path / "data"))


def findings(capsys):
    code = cli.main(["doctor", "--json"])
    return code, {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_it_tries_the_parts_for_real(capsys):
    _, found = findings(capsys)
    assert found["database"]["state"] == "ok"
    assert found["grader"]["state"] in ("ok", "warning")
    assert "isolation level" in found["grader"]["detail"]
    assert found["course"]["detail"].startswith("9 problems in 2 sections")
    assert "no GEMINI_API_KEY" in found["tutor"]["detail"]


async def test_walls_that_are_not_the_strongest_are_told_with_a_reason_and_a_cure(monkeypatch):
    monkeypatch.setattr("grader.walls.bubblewrap.find", lambda: None)
    finding = await doctor.grader(Settings())
    assert finding.state == "warning"
    assert "full does not work: bubblewrap (bwrap) is not installed" in finding.detail
    assert "For level full install bubblewrap" in finding.detail


async def test_a_server_that_does_not_answer_is_a_failure_with_a_reason(monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:9/none")
    finding = await doctor.database(Settings())
    assert finding.state == "failed"
    assert finding.detail


def test_a_broken_setting_is_named(capsys, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_MINIMUM_LEVEL", "strong")
    code, found = findings(capsys)
    assert code == 1
    assert "PYTHONMASTERY_MINIMUM_LEVEL" in found["settings"]["detail"]


async def test_a_bad_notebook_is_named(monkeypatch, tmp_path):
    shutil.copytree(Settings().course_dir, tmp_path / "course")
    (tmp_path / "course" / "01-first-steps" / "first-day-total.ipynb").write_text("not JSON")
    monkeypatch.setenv("PYTHONMASTERY_COURSE_DIR", str(tmp_path / "course"))
    finding = await doctor.course(Settings())
    assert finding.state == "warning"
    assert "first-day-total.ipynb" in finding.detail


def test_the_command_prints_its_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_the_command_alone_lists_its_parts(capsys):
    assert cli.main([]) == 2
    out = capsys.readouterr().out
    assert all(name in out for name in cli.COMMANDS)


def test_an_unknown_option_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["doctor", "--loud"])
    assert stopped.value.code == 2
    assert "--loud" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        ({}, "ok", "the learner's own"),
        ({"database_url": "postgresql://h/n"}, "warning", "set PYTHONMASTERY_GRADER_SOCKET"),
        (
            {"database_url": "postgresql://h/n", "grader_socket": "/nowhere/starter"},
            "warning",
            "nobody listens at /nowhere/starter",
        ),
        (
            {"database_url": "postgresql://h/n", "grader_provisioner": "another"},
            "ok",
            "the provisioner another",
        ),
    ],
)
async def test_it_tells_whose_account_the_grader_has(given, state, words):
    finding = await doctor.accounts(Settings(**given))
    assert finding.state == state
    assert words in finding.detail


async def test_a_starter_in_the_same_account_is_a_warning(tmp_path):
    place = str(tmp_path / "starter")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(place)
        given = {"database_url": "postgresql://h/n", "grader_socket": place}
        finding = await doctor.accounts(Settings(**given))
    assert finding.state == "warning"
    assert f"user id {os.geteuid()}" in finding.detail
