"""A server that somebody else runs: what may be wrong with its address."""

import psycopg
import pytest

from pythonmastery_ext.db import problems, server
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.server import check_server


def test_a_good_address_is_returned_in_our_form(postgres_url):
    plain = psycopg_dsn(postgres_url)
    assert check_server(plain) == postgres_url


@pytest.mark.parametrize("url", ["", "course.db", "mysql://a@b/c", "postgresql://host:port/x"])
def test_an_address_of_something_else(url):
    with pytest.raises(problems.UrlWrong, match="postgresql://user:password@host"):
        check_server(url)


def test_nobody_answers():
    with pytest.raises(problems.ServerUnreachable, match=r"127\.0\.0\.1:1;"):
        check_server("postgresql://ada:secret@127.0.0.1:1/course")


def test_a_wrong_password_is_told_without_repeating_it(postgres_url):
    wrong = postgres_url.replace("@", "x@")
    with pytest.raises(problems.SignInRefused) as caught:
        check_server(wrong)
    assert wrong.partition("@")[0].rpartition(":")[2] not in str(caught.value)


def test_an_unknown_user(postgres_url):
    with pytest.raises(problems.SignInRefused):
        check_server(postgres_url.replace("//pythonmastery:", "//nobody:"))


def test_an_unknown_database_is_named(postgres_url):
    with pytest.raises(problems.DatabaseUnknown, match="no database named nowhere"):
        check_server(postgres_url.rpartition("/")[0] + "/nowhere")


@pytest.mark.parametrize("option", ["sslmode=wat", "nonsense=1"])
def test_an_option_that_is_wrong_is_named(postgres_url, option):
    with pytest.raises(
        problems.OptionWrong, match=f"these options .*: {option.partition('=')[0]};"
    ):
        check_server(f"{postgres_url}?{option}")


def test_an_old_server_is_refused(postgres_url, monkeypatch):
    with psycopg.connect(psycopg_dsn(postgres_url)) as connection:
        version = connection.info.server_version // 10_000
    monkeypatch.setattr(server, "OLDEST", version + 1)
    with pytest.raises(problems.ServerTooOld, match=f"PostgreSQL {version}; version {version + 1}"):
        check_server(postgres_url)
