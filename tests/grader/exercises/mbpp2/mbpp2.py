import re, math


def is_lower(s):
    return s.lower()


def find_t(a, b=(1, 2)):
    return a in b


def ratio(xs):
    return round(math.fsum(xs) / len(xs), 2)
