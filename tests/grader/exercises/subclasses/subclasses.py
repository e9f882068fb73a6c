class Stack(list):
    def push(self, x):
        self.append(x)
        return self

    def peek(self):
        return self[-1]


class Conf(dict):
    def __getattr__(self, n):
        return self[n]


class Temp(float):
    def f(self):
        return self * 9 / 5 + 32


class Name(str):
    def shout(self):
        return self.upper() + "!"


class Bag(set):
    def both(self):
        return len(self) * 2


from collections import UserDict, Counter


class Inv(UserDict):
    def total(self):
        return sum(self.data.values())


class Cn(Counter):
    pass


from collections.abc import Mapping, Sequence, Iterator


class Ro(Mapping):
    def __init__(self, d):
        self._d = dict(d)

    def __getitem__(self, k):
        return self._d[k]

    def __iter__(self):
        return iter(self._d)

    def __len__(self):
        return len(self._d)


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


class Node:
    def __init__(self, v, nxt=None):
        self.v = v
        self.nxt = nxt

    def __iter__(self):
        n = self
        while n:
            yield n.v
            n = n.nxt
