def append(a, b):
    return a + b


def concat(ls):
    return [x for l in ls for x in l]


def filter(f, l):
    return [x for x in l if f(x)]


def length(l):
    return sum(1 for _ in l)


def map(f, l):
    return [f(x) for x in l]


def foldl(f, l, i):
    for x in l:
        i = f(i, x)
    return i


def foldr(f, l, i):
    for x in l[::-1]:
        i = f(i, x)
    return i


def reverse(l):
    return l[::-1]
