from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol
from abc import ABC, abstractmethod
from functools import total_ordering, cached_property, singledispatch


class Color(Enum):
    RED = 1
    BLUE = 2


@dataclass(order=True)
class Item:
    price: float
    name: str = field(compare=False)
    tags: list = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Frozen:
    x: int


class Pt(NamedTuple):
    x: int
    y: int = 0

    def norm(self):
        return self.x**2 + self.y**2


@total_ordering
class V:
    def __init__(self, n):
        self.n = n

    def __eq__(self, o):
        return isinstance(o, V) and self.n == o.n

    def __lt__(self, o):
        return self.n < o.n

    def __hash__(self):
        return hash(self.n)


class Shape(ABC):
    @abstractmethod
    def area(self): ...


class Sq(Shape):
    def __init__(self, s):
        self._s = s

    def area(self):
        return self._s**2

    @property
    def side(self):
        return self._s

    @side.setter
    def side(self, v):
        if v < 0:
            raise ValueError("no")
        self._s = v

    @classmethod
    def unit(cls):
        return cls(1)

    def __repr__(self):
        return f"Sq({self._s})"

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self._s = 0
        return a[0] is KeyError


class NotEnough(Exception):
    def __init__(self, need, have):
        super().__init__(f"need {need}, have {have}")
        self.need, self.have = need, have


def take(n):
    if n > 3:
        raise NotEnough(n, 3)
    return n


def squares():
    n = 0
    while True:
        got = yield n * n
        n = got if got is not None else n + 1


@singledispatch
def kind(x):
    return "object"


@kind.register
def _(x: int):
    return "int"
