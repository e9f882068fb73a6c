import functools, time


def counted(f):
    @functools.wraps(f)
    def w(*a, **k):
        w.calls += 1
        return f(*a, **k)

    w.calls = 0
    return w


def retry(n, exceptions=(Exception,)):
    def deco(f):
        @functools.wraps(f)
        def w(*a, **k):
            for i in range(n):
                try:
                    return f(*a, **k)
                except exceptions:
                    if i == n - 1:
                        raise

        return w

    return deco


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def compose(*fs):
    return lambda x: functools.reduce(lambda a, f: f(a), fs, x)


def adder(n):
    def add(x):
        return x + n

    return add


class Memo:
    def __init__(self, f):
        self.f = f
        self.cache = {}

    def __call__(self, *a):
        if a not in self.cache:
            self.cache[a] = self.f(*a)
        return self.cache[a]
