"""Both wheels, built and installed as a stranger would: no node on the path."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.labserver import lab_server

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")

pytestmark = pytest.mark.timeout(400)


def run(*words: object, **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, cwd=ROOT, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    for project in (ROOT, ROOT / "notebooks"):
        run(UV, "build", "-q", "--wheel", "--no-build-isolation", "--out-dir", folder, project)
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def installed(wheels, tmp_path_factory):
    """The Python of an environment that holds only what the wheels bring."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(UV, "venv", "-q", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    run(UV, "pip", "install", "-q", "--python", python, "-c", "requirements.lock", *wheels.values())
    return python


@pytest.fixture(scope="session")
def path_without_node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("path")
    for name in ("sh", "env", "uname", "git", "setpriv", "id"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    assert shutil.which("node", path=str(folder)) is None
    return str(folder)


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_product_wheel_holds_no_authored_notebook(wheels):
    inside = names(wheels["pythonmastery"])
    assert not [name for name in inside if name.endswith(".ipynb") or name.startswith("notebooks")]
    assert not [name for name in inside if name.startswith(("tests/", "benchmarks/"))]


def test_the_product_wheel_holds_the_front_end_and_the_migrations(wheels):
    inside = names(wheels["pythonmastery"])
    for part in (
        "share/jupyter/labextensions/pythonmastery/package.json",
        "share/jupyter/labextensions/pythonmastery/install.json",
        "etc/jupyter/jupyter_server_config.d/pythonmastery.json",
        "pythonmastery_ext/jupyter_config/labconfig/page_config.json",
        "pythonmastery_ext/db/migrations/env.py",
        "pythonmastery_ext/panel/templates/layout.html",
        "pythonmastery_ext/panel/templates/macros.html",
        "pythonmastery_ext/panel/static/panel.css",
        "pythonmastery_ext/panel/static/panel.js",
    ):
        assert [name for name in inside if name.endswith(part)], part


def test_the_curriculum_wheel_holds_the_course(wheels):
    inside = names(wheels["pythonmastery_curriculum"])
    assert len([name for name in inside if name.endswith(".ipynb")]) >= 9
    assert [name for name in inside if name.endswith("section.toml")]


def test_a_clean_installation_grades_from_the_shell(installed, path_without_node, tmp_path):
    (tmp_path / "double.py").write_text("def double(n):\n    return n * 2\n")
    (tmp_path / "double_test.py").write_text(
        "from double import double\n\n\ndef test_doubles():\n    assert double(4) == 8\n"
    )
    out = subprocess.run(
        [
            installed.with_name("pythonmastery"),
            "grade",
            "--solution",
            tmp_path / "double.py",
            "--tests",
            tmp_path / "double_test.py",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": path_without_node, "HOME": str(tmp_path)},
    )
    assert out.returncode == 0, out.stdout + out.stderr


def test_a_clean_installation_runs_lab_with_the_course(installed, path_without_node, tmp_path):
    with lab_server(
        tmp_path / "home", python=str(installed), environment={"PATH": path_without_node}
    ) as lab:
        assert lab.wait_ready()["role"] == "local"
        course = lab.get("problems")
        assert {"first-day-total", "overdue-by-customer"} <= {p["slug"] for p in course["problems"]}
    assert lab.process.returncode is not None
