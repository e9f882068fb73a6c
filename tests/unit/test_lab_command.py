"""The command line of `pythonmastery lab`, before it hands over to JupyterLab."""

import pytest

from pythonmastery_ext import lab


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_learners_options_come_last_so_that_they_win():
    words = lab.command(["--no-browser", "--port=9000"])
    assert words[1:3] == ["-m", "jupyterlab"]
    assert words[-2:] == ["--no-browser", "--port=9000"]


def test_work_is_kept_in_one_folder_of_the_home(home):
    words = lab.command([])
    assert f"--ServerApp.root_dir={home / 'PythonMastery'}" in words
    assert (home / "PythonMastery").is_dir()


@pytest.mark.parametrize("option", ["--ServerApp.root_dir=/srv", "--notebook-dir=/srv"])
def test_a_folder_that_the_learner_chose_is_left_alone(option, home):
    words = lab.command([option])
    assert [word for word in words if "root_dir" in word or "notebook-dir" in word] == [option]
    assert not (home / "PythonMastery").exists()


def test_root_is_told_what_that_means(monkeypatch, capsys):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--allow-root" in lab.command([])
    assert "You are root" in capsys.readouterr().err


def test_an_ordinary_user_gets_no_root_option(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--allow-root" not in lab.command([])


def test_without_a_display_no_browser_is_started(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "--no-browser" in lab.command([])
    monkeypatch.setenv("DISPLAY", ":0")
    assert "--no-browser" not in lab.command([])


def test_our_page_settings_come_before_those_of_the_user(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/somewhere")
    first, second = lab.environment()["JUPYTER_CONFIG_PATH"].split(":")
    assert first.endswith("jupyter_config")
    assert second == "/somewhere"
