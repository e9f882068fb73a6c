def count_lines(path):
    with open(path) as f:
        return sum(1 for _ in f)


def copy_upper(src, dst):
    with open(src) as a, open(dst, "w") as b:
        b.write(a.read().upper())
