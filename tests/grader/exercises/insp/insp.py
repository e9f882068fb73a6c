"""Module doc."""

from typing import Generic, TypeVar, Protocol, Callable, Optional
import functools, logging, warnings

__all__ = [
    "typed",
    "Box",
    "CONST",
    "Money",
    "old",
    "apply",
    "config",
    "Temp",
    "validate",
    "Singleton",
    "Desc",
    "Animal",
    "Dog",
]
T = TypeVar("T")
CONST = {"a": [1, 2]}
config = {"debug": False}


def typed(a: int, b: str = "x", *args, c: float = 1.5, **kw) -> str:
    """Doc."""
    return b * a


class Box(Generic[T]):
    def __init__(self, item: T):
        self.item = item

    def map(self, f):
        return Box(f(self.item))

    def __eq__(self, o):
        return isinstance(o, Box) and self.item == o.item

    def __repr__(self):
        return f"Box({self.item!r})"


class Money:
    def __init__(self, amt, cur="USD"):
        self.amt = amt
        self.cur = cur

    def __eq__(self, o):
        if not isinstance(o, Money):
            return NotImplemented
        return (self.amt, self.cur) == (o.amt, o.cur)

    def __hash__(self):
        return hash((self.amt, self.cur))

    def __add__(self, o):
        if isinstance(o, (int, float)):
            return Money(self.amt + o, self.cur)
        if not isinstance(o, Money):
            return NotImplemented
        return Money(self.amt + o.amt, self.cur)

    def __radd__(self, o):
        return self if o == 0 else self + o

    def __lt__(self, o):
        return self.amt < o.amt

    def __le__(self, o):
        return self.amt <= o.amt

    def __str__(self):
        return f"{self.amt:.2f} {self.cur}"


def old():
    warnings.warn("use new", DeprecationWarning, stacklevel=2)
    return 1


def apply(f, *a, **k):
    return f(*a, **k)


class Temp:
    scale = "C"
    _n = 0

    def __init__(self, c):
        self._c = c
        type(self)._n += 1

    @property
    def f(self):
        return self._c * 9 / 5 + 32

    @f.setter
    def f(self, v):
        self._c = (v - 32) * 5 / 9

    @property
    def ro(self):
        return 1

    @classmethod
    def from_f(cls, f):
        return cls((f - 32) * 5 / 9)

    @functools.cached_property
    def slow(self):
        return [1]


def validate(x):
    if not isinstance(x, int):
        raise TypeError(f"expected int, got {type(x).__name__}")
    return x


class Singleton:
    _i = None

    def __new__(cls):
        if cls._i is None:
            cls._i = super().__new__(cls)
        return cls._i


class Desc:
    class Inner:
        V = 3

    def __getattr__(self, n):
        if n.startswith("x_"):
            return n[2:]
        raise AttributeError(n)


class Animal:
    def __init__(self, n):
        self.n = n

    def speak(self):
        raise NotImplementedError("Subclass must implement")

    def __str__(self):
        return f"{self.n} says {self.speak()}"


class Dog(Animal):
    def speak(self):
        return "Woof"
