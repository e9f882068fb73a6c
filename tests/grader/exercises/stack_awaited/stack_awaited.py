import asyncio
from contextlib import asynccontextmanager


async def double(x):
    await asyncio.sleep(0)
    return 2 * x


async def count(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i


@asynccontextmanager
async def session():
    yield "s"


class Stack:
    def __init__(self):
        self._items = []

    def push(self, x):
        self._items.append(x)

    def pop(self):
        if not self._items:
            raise IndexError("pop from empty stack")
        return self._items.pop()

    def __len__(self):
        return len(self._items)

    def __bool__(self):
        return bool(self._items)

    def __contains__(self, x):
        return x in self._items

    def __getitem__(self, i):
        return self._items[i]

    def __eq__(self, o):
        return isinstance(o, Stack) and self._items == o._items

    def __repr__(self):
        return f"Stack({self._items!r})"

    def __add__(self, o):
        s = Stack()
        s._items = self._items + o._items
        return s

    def __iter__(self):
        return iter(self._items)

    def __reversed__(self):
        return reversed(self._items)
