import itertools, contextlib


def echo():
    got = []
    while True:
        x = yield len(got)
        if x is None:
            return got
        got.append(x)


def avg():
    total = n = 0
    a = None
    while True:
        x = yield a
        total += x
        n += 1
        a = total / n


def fibs():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(it, n):
    return list(itertools.islice(it, n))


def evens(it):
    return filter(lambda x: x % 2 == 0, it)


def chunks(xs, n):
    for i in range(0, len(xs), n):
        yield xs[i : i + n]


def consume(g):
    return sum(g)


@contextlib.contextmanager
def tag(name, out):
    out.append(f"<{name}>")
    try:
        yield name
    finally:
        out.append(f"</{name}>")


class Timer:
    def __enter__(self):
        self.log = ["in"]
        return self

    def __exit__(self, *a):
        self.log.append("out")
        return False


def pairs(d):
    return d.items()


def closing():
    try:
        yield 1
        yield 2
    except GeneratorExit:
        raise


def flat(x):
    for i in x:
        if isinstance(i, (list, tuple)):
            yield from flat(i)
        else:
            yield i
