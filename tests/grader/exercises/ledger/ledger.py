def gen(n):
    "doc"
    for i in range(n):
        yield chr(65 + i % 4)


def seats(n):
    letters = gen(n)
    return ((f"{i}{l}") for i, l in enumerate(letters))
