from collections import namedtuple, OrderedDict, Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

Point = namedtuple("Point", "x y")


class P3(NamedTuple):
    x: int
    y: int
    z: int = 0

    def norm(self):
        return self.x + self.y + self.z


@dataclass(order=True)
class Item:
    name: str
    price: float = 1.0
    tags: list = field(default_factory=list)

    def total(self, n):
        return self.price * n


@dataclass(frozen=True)
class Fz:
    a: int


def find(a):
    return Point(a, a + 1)


def word_count(s):
    return Counter(s.split())


def group(xs):
    d = defaultdict(list)
    for x in xs:
        d[x % 2].append(x)
    return d


def od():
    return OrderedDict(a=1)


def dq():
    return deque([1, 2], maxlen=3)


def keys():
    return {"a": 1}.keys()
