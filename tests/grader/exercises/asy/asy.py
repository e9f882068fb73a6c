import asyncio


async def double(x):
    await asyncio.sleep(0.05)
    return 2 * x


async def gather_all(fs):
    return await asyncio.gather(*(f() for f in fs))


async def fail():
    raise ValueError("async bad")


async def agen(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i


class Conn:
    async def __aenter__(self):
        self.open = True
        return self

    async def __aexit__(self, *a):
        self.open = False

    async def get(self):
        return 5


async def slow():
    await asyncio.sleep(5)


async def call(cb):
    return await cb(3)
