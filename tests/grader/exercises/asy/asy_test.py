import asyncio, time, unittest, inspect
from asy import *


class A(unittest.IsolatedAsyncioTestCase):
    async def test_a(self):
        self.assertEqual(await double(2), 4)

    async def test_b(self):
        with self.assertRaises(ValueError):
            await fail()

    async def test_gather(self):
        t = time.time()
        self.assertEqual(
            await asyncio.gather(*(double(i) for i in range(200))), [2 * i for i in range(200)]
        )
        self.assertLess(time.time() - t, 9)  # one after the other they would take ten seconds

    async def test_agen(self):
        self.assertEqual([x async for x in agen(3)], [0, 1, 2])

    async def test_cm(self):
        async with Conn() as c:
            self.assertTrue(c.open)
            self.assertEqual(await c.get(), 5)
        self.assertFalse(c.open)

    async def test_timeout(self):
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(slow(), 0.05)

    async def test_task(self):
        t = asyncio.create_task(double(4))
        self.assertEqual(await t, 8)

    async def test_cb(self):
        async def cb(x):
            await asyncio.sleep(0.001)
            return x + 1

        self.assertEqual(await call(cb), 4)


class B(unittest.TestCase):
    def test_run(self):
        self.assertEqual(asyncio.run(double(3)), 6)
        self.assertTrue(asyncio.iscoroutinefunction(double))
        self.assertTrue(inspect.iscoroutinefunction(double))

    def test_coro(self):
        c = double(1)
        self.assertTrue(inspect.iscoroutine(c))
        self.assertEqual(asyncio.run(c), 2)
