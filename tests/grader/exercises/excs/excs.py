class BankError(Exception):
    """Base."""


class Insufficient(BankError):
    def __init__(self, need, have):
        super().__init__(f"need {need}, have {have}")
        self.need, self.have = need, have

    @property
    def short(self):
        return self.need - self.have


class Coded(Exception):
    def __init__(self, code, msg="m"):
        self.code = code
        self.msg = msg

    def __str__(self):
        return f"[{self.code}] {self.msg}"


def pay(n):
    if n > 5:
        raise Insufficient(n, 5)
    if n < 0:
        raise Coded(7)
    return n


def chain():
    try:
        int("x")
    except ValueError as e:
        raise RuntimeError("wrapped") from e


def keyerr():
    return {}["missing"]


def osert():
    open("/nonexistent/file")


def group():
    raise ExceptionGroup("eg", [ValueError("a"), TypeError("b")])


def warn():
    import warnings

    warnings.warn("old", DeprecationWarning)
    return 1


def deep(n):
    return deep(n + 1)


def jsonbad():
    import json

    json.loads("{")


def assert_it(x):
    assert x > 0, "must be positive"


def unicode_bad():
    return "é".encode("ascii")


def stop():
    raise StopIteration(3)
