import sys


def greet():
    name = input("Name? ")
    print(f"Hello, {name}!")


def shout(x):
    print(x.upper(), end="")
    return None


def summing():
    return sum(int(l) for l in sys.stdin)


def two():
    return [input(), input()]


def err():
    print("oops", file=sys.stderr)


def main(argv):
    if not argv:
        sys.exit(2)
    return argv[0]


import random, time


def roll():
    return random.randint(1, 6)


def wait():
    time.sleep(100)
    return "ok"


def seeded():
    return random.random()


def today():
    import datetime

    return datetime.date.today().year
