from abc import ABC, abstractmethod


class Shape(ABC):
    count = 0

    def __init__(self, name):
        self.name = name
        Shape.count += 1

    @abstractmethod
    def area(self): ...
    def describe(self):
        return f"{self.name} with area {self.area()}"

    @classmethod
    def make(cls, *a):
        return cls(*a)

    @staticmethod
    def unit():
        return "cm"

    @property
    def label(self):
        return self.name.title()

    @label.setter
    def label(self, v):
        if not v:
            raise ValueError("empty")
        self.name = v


class Square(Shape):
    def __init__(self, s):
        super().__init__("square")
        self.s = s

    def area(self):
        return self.s**2

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return [self.s] * 4 if isinstance(i, slice) else self.s

    def __iter__(self):
        return iter([self.s] * 4)

    def __call__(self, x):
        return x * self.s

    def __contains__(self, x):
        return x == self.s

    def __bool__(self):
        return self.s > 0

    def __enter__(self):
        self.entered = True
        return self

    def __exit__(self, t, v, tb):
        self.seen = t
        return t is KeyError

    def __setitem__(self, i, v):
        self.s = v

    def __delitem__(self, i):
        self.s = 0

    def __iadd__(self, o):
        self.s += o
        return self

    def __matmul__(self, o):
        return "mm"

    def __format__(self, spec):
        return f"<{spec}>"

    def __int__(self):
        return self.s

    def __lt__(self, o):
        return self.s < o.s


def total(shapes):
    return sum(s.area() for s in shapes)


class Slots:
    __slots__ = ("a",)

    def __init__(self):
        self.a = 1
