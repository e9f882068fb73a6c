from enum import IntEnum, Flag, auto, StrEnum


class Level(IntEnum):
    LOW = 1
    HIGH = 3


class Perm(Flag):
    R = auto()
    W = auto()


class Co(StrEnum):
    RED = "red"


def level(n):
    return Level(n)


def color():
    return Co.RED


def perms():
    return Perm.R | Perm.W


def status(code):
    from http import HTTPStatus

    return HTTPStatus(code)
