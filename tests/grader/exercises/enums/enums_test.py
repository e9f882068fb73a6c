from enums import *
from enums import Level, Perm, Co
from http import HTTPStatus


def test_int():
    assert level(1) == 1
    assert level(3) == Level.HIGH
    assert Level.LOW < Level.HIGH
    assert level(1) is Level.LOW
    assert Level.HIGH + 1 == 4
    assert Level.LOW.name == "LOW"
    assert sorted([Level.HIGH, Level.LOW])[0] == Level.LOW
    assert isinstance(Level.LOW, int)
    assert max(Level) == Level.HIGH


def test_flag():
    assert perms() == Perm.R | Perm.W
    assert Perm.R in perms()
    assert Perm.R & perms() == Perm.R


def test_str():
    assert color() == "red"
    assert color().upper() == "RED"
    assert f"{color()}" == "red"
    assert Co("red") is Co.RED


def test_http():
    assert status(404) == HTTPStatus.NOT_FOUND
    assert status(HTTPStatus.OK) == 200
