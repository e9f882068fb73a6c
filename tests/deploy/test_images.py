"""The files that images are built from: they cannot be built here, but much can be looked at."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy import manifests

IMAGES = manifests.DEPLOY / "images"
FILES = sorted(IMAGES.glob("*.Containerfile"))
#: Made by `make build`; what is inside, the tests of packaging say.
BUILT = re.compile(r"dist/pythonmastery(_curriculum)?-\*\.whl")


def instructions(file: Path) -> list[tuple[str, str]]:
    """Each as its word and the rest, on one line."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (word, rest)
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def copied(file: Path) -> list[str]:
    return [source for word, rest in instructions(file) if word == "COPY"
            for source in rest.split()[:-1]]  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_linter_of_containerfiles_finds_nothing(file: Path):
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint has no wheel for this kind of machine")
    done = subprocess.run([linter, str(file)], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_copied_is_there_and_is_not_ignored(file: Path):
    ignore = (IMAGES / f"{file.name}.dockerignore").read_text().splitlines()
    assert ignore[0] == "*"
    let_in = [line.removeprefix("!") for line in ignore[1:]]
    for source in copied(file):
        assert BUILT.fullmatch(source) or (manifests.ROOT / source).exists(), source
        assert any(Path(source).match(pattern) or source == pattern for pattern in let_in), source


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_image_runs_as_nobody_special_and_holds_no_secret(file: Path):
    users = [rest for word, rest in instructions(file) if word == "USER"]
    assert users[-1].isdecimal()
    assert int(users[-1]) >= 1000
    for word, rest in instructions(file):
        assert word != "ADD"
        assert not (word in ("ENV", "ARG") and re.search("token|secret|password|key", rest, re.I))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_image_begins_from_a_version_that_is_said(file: Path):
    (start,) = (rest for word, rest in instructions(file) if word == "FROM")
    assert start.startswith("${")
    (given,) = (rest for word, rest in instructions(file) if word == "ARG")
    assert "latest" not in given


def test_the_image_of_students_holds_no_course_and_the_service_s_does():
    assert not any("curriculum" in source or "notebooks" in source
                   for source in copied(IMAGES / "singleuser.Containerfile"))  # fmt: skip
    assert any("curriculum" in source for source in copied(IMAGES / "service.Containerfile"))


def test_the_commands_that_pods_run_are_commands_of_ours():
    from pythonmastery_ext.cli import parser_for

    for pod in manifests.pods():
        for container in pod.spec["containers"]:
            if "command" not in container:
                parser_for(container["args"]).parse_args(container["args"])
            else:
                for line in re.findall(r"pythonmastery (.+?)$", joined(container["args"]), re.M):
                    words = re.sub(r'"\$\(.*?\)"', "2025-01", line).split()
                    parser_for(words).parse_args(words)


def joined(args: list[str]) -> str:
    return re.sub(r"\\\n\s*", "", "\n".join(args))
