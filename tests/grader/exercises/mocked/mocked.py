import datetime, logging, random, time, os, subprocess
import warnings

log = logging.getLogger(__name__)


def now_label():
    return datetime.datetime.now().strftime("%Y")


def roll():
    return random.randint(1, 6)


def wait():
    time.sleep(100)
    return "ok"


def shout(x):
    log.warning("shouting %s", x)
    return x.upper()


def fetch(client, url):
    r = client.get(url, timeout=5)
    if r.status_code != 200:
        raise RuntimeError(f"bad status {r.status_code}")
    return r.json()["name"]


def notify(send, items):
    for i in items:
        send(i, bold=True)


def _secret():
    return 1


def uses():
    return _secret() + 1


class Service:
    limit = 3

    def __init__(self, repo):
        self.repo = repo

    def run(self, n):
        item = self.repo.find(n)
        if item is None:
            raise KeyError(n)
        self.repo.save({**item, "seen": True})
        return self.helper(item["v"])

    def helper(self, v):
        return v * self.limit


async def aget(x):
    import asyncio

    await asyncio.sleep(0.01)
    return x + 1


def deprecated():
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    return 0


def read(path):
    with open(path) as f:
        return f.read().strip()


def multi(a, /, b, *, c=3):
    return a, b, c
