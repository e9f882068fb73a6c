"""Settings: from a file, the environment or the default, and what cannot work is told."""

import pytest
from traitlets.config import Config

from pythonmastery_ext.config import ConfigError, Settings


def test_a_file_goes_before_the_environment_and_that_before_the_default(monkeypatch):
    assert Settings().max_waiting == 3
    monkeypatch.setenv("PYTHONMASTERY_MAX_WAITING", "5")
    assert Settings().max_waiting == 5
    assert Settings(config=Config({"PythonMastery": {"max_waiting": 7}})).max_waiting == 7


def test_under_a_hub_the_role_is_relay_unless_it_is_set(monkeypatch):
    assert Settings().role == "local"
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    assert Settings().role == "relay"
    monkeypatch.setenv("PYTHONMASTERY_ROLE", "authority")
    assert Settings().role == "authority"


def test_the_first_of_two_names_of_a_key_that_is_set_counts(monkeypatch):
    monkeypatch.setenv("GOOGLE_API_KEY", "second")
    assert Settings().gemini_api_key == "second"
    monkeypatch.setenv("GEMINI_API_KEY", "first")
    assert Settings().gemini_api_key == "first"


def test_only_one_s_own_machine_grades_without_a_sandbox(monkeypatch):
    assert Settings().minimum_level == "own"
    assert Settings(role="authority").minimum_level == "degraded"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PYTHONMASTERY_ROLE", "teacher"),
        ("PYTHONMASTERY_MAX_WAITING", "many"),
        ("PYTHONMASTERY_MAX_WAITING", "0"),
        ("PYTHONMASTERY_GRADER_KERNELS", "1000"),
        ("PYTHONMASTERY_WORKER", "perhaps"),
        ("PYTHONMASTERY_MINIMUM_LEVEL", "high"),
        ("PYTHONMASTERY_TUTOR_DEADLINE_SECONDS", "soon"),
        ("PYTHONMASTERY_DATABASE_URL", "mysql://host/name"),
        ("PYTHONMASTERY_AUTHORITY_URL", "host:10203"),
        ("PYTHONMASTERY_COURSE_DIR", "/nowhere/at/all"),
        ("PYTHONMASTERY_LEARNER_FOLDER", "../elsewhere"),
    ],
)
def test_a_broken_value_is_told_with_its_name(monkeypatch, variable: str, value: str):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=variable):
        Settings()


def test_a_broken_value_in_a_file_is_told_too():
    with pytest.raises(ConfigError, match="role"):
        Settings(config=Config({"PythonMastery": {"role": "teacher"}}))
