import pytest
import os
import settings
from settings import Config, greet, home, risky, old


@pytest.fixture
def config(tmp_path):
    c = Config(tmp_path / "c.json")
    yield c


@pytest.fixture(scope="module")
def numbers():
    return [1, 4, 9]


@pytest.mark.parametrize(
    "n, expected",
    [(1, 1.0), (4, 2.0), pytest.param(2, 1.41421356, id="root two")],
    ids=["one", "four", "two"],
)
def test_risky(n, expected):
    assert risky(n) == pytest.approx(expected)


@pytest.mark.parametrize("n", [-1, -5], ids=str)
@pytest.mark.parametrize("kind", [ValueError, Exception], ids=lambda k: k.__name__)
def test_neg(n, kind):
    with pytest.raises(kind, match=r"negative value: -\d") as info:
        risky(n)
    assert str(n) in str(info.value)
    assert info.type is ValueError


def test_greet(capsys):
    assert greet("Ada") is None
    assert capsys.readouterr().out == "Hello Ada\n"
    out, err = capsys.readouterr()
    assert err == ""


def test_env(monkeypatch):
    monkeypatch.setenv("APP_HOME", "/x")
    assert home() == "/x"
    monkeypatch.delenv("APP_HOME")
    assert home() == "none"


def test_save(config):
    config.save(a=1)
    assert config.load() == {"a": 1}


def test_warn():
    with pytest.warns(DeprecationWarning, match="new"):
        old()
    with pytest.deprecated_call():
        old()


def test_patch_module(monkeypatch):
    monkeypatch.setattr(settings, "risky", lambda n: 42)
    assert settings.risky(1) == 42


def test_patch_str(monkeypatch):
    monkeypatch.setattr("settings.risky", lambda n: 43)
    assert settings.risky(1) == 43


class TestGroup:
    @pytest.fixture(autouse=True)
    def setup(self, numbers):
        self.numbers = numbers

    @pytest.mark.parametrize("i", range(3))
    def test_each(self, i):
        assert risky(self.numbers[i]) == i + 1


def test_approx_list():
    assert [risky(2), risky(3)] == pytest.approx([1.414, 1.732], abs=1e-3)


@pytest.mark.skip(reason="later")
def test_skip():
    assert False
