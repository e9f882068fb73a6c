import math


class ComplexNumber:
    def __init__(self, r, i=0):
        self.real = r
        self.imaginary = i

    @staticmethod
    def of(o):
        return o if isinstance(o, ComplexNumber) else ComplexNumber(o, 0)

    def __eq__(s, o):
        return s.real == o.real and s.imaginary == o.imaginary

    def __add__(s, o):
        o = s.of(o)
        return ComplexNumber(s.real + o.real, s.imaginary + o.imaginary)

    __radd__ = __add__

    def __mul__(s, o):
        o = s.of(o)
        return ComplexNumber(
            s.real * o.real - s.imaginary * o.imaginary, s.imaginary * o.real + s.real * o.imaginary
        )

    __rmul__ = __mul__

    def __sub__(s, o):
        o = s.of(o)
        return ComplexNumber(s.real - o.real, s.imaginary - o.imaginary)

    def __rsub__(s, o):
        return s.of(o) - s

    def __truediv__(s, o):
        o = s.of(o)
        d = o.real**2 + o.imaginary**2
        return ComplexNumber(
            (s.real * o.real + s.imaginary * o.imaginary) / d,
            (s.imaginary * o.real - s.real * o.imaginary) / d,
        )

    def __rtruediv__(s, o):
        return s.of(o) / s

    def __abs__(s):
        return math.sqrt(s.real**2 + s.imaginary**2)

    def conjugate(s):
        return ComplexNumber(s.real, -s.imaginary)

    def exp(s):
        return ComplexNumber(
            math.exp(s.real) * math.cos(s.imaginary), math.exp(s.real) * math.sin(s.imaginary)
        )
