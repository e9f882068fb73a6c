def sort_in_place(xs):
    xs.sort()


def add_all(d, items):
    for k, v in items:
        d[k] = v
    return d


def append(xs, x):
    xs.append(x)
    return xs


def nested(m):
    m[0][1] = 99


def rem(s, x):
    s.discard(x)


def same(x):
    return x


def swap(a, b):
    a[:], b[:] = b[:], a[:]


def bad(xs):
    xs.append(1)
    raise ValueError("after")


def kw(*, out):
    out.append(3)


def upd(rows):
    for r in rows:
        r["t"] = 1


class Inv:
    def __init__(self, items):
        self.items = items

    def add(self, x):
        self.items.append(x)
        return self


def default(x, acc=None):
    acc = [] if acc is None else acc
    acc.append(x)
    return acc


def write(f):
    f.write("hello")
    print("x", file=f)
