from __future__ import annotations
from math import gcd


class Rational:
    def __init__(self, n, d):
        g = gcd(n, d) * (1 if d > 0 else -1)
        self.numer = n // g
        self.denom = d // g

    def __eq__(self, o):
        return self.numer == o.numer and self.denom == o.denom

    def __repr__(self):
        return f"{self.numer}/{self.denom}"

    def __add__(self, o):
        return Rational(self.numer * o.denom + o.numer * self.denom, self.denom * o.denom)

    def __abs__(self):
        return Rational(abs(self.numer), self.denom)

    def __pow__(self, p):
        return (
            Rational(self.numer**p, self.denom**p)
            if p >= 0
            else Rational(self.denom**-p, self.numer**-p)
        )

    def __rpow__(self, b):
        return b ** (self.numer / self.denom)

    def __lt__(self, o):
        return self.numer * o.denom < o.numer * self.denom

    def __neg__(self):
        return Rational(-self.numer, self.denom)

    def __float__(self):
        return self.numer / self.denom

    def __bool__(self):
        return self.numer != 0
