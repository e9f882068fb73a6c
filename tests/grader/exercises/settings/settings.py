import logging, warnings, os, json


class Config:
    def __init__(self, path):
        self.path = path

    def save(self, **kw):
        with open(self.path, "w") as f:
            json.dump(kw, f)

    def load(self):
        with open(self.path) as f:
            return json.load(f)


def greet(name):
    print(f"Hello {name}")
    return None


def home():
    return os.environ.get("APP_HOME", "none")


def risky(n):
    if n < 0:
        raise ValueError(f"negative value: {n}")
    return n**0.5


def old():
    warnings.warn("use new()", DeprecationWarning)
    return 1
