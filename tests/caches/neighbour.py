"""The other process: one act for each line of its input."""

import asyncio
import json
import sys
import traceback
from typing import Any

from pythonmastery_ext.db.engine import Database
from tests.caches import acts


async def do(url: str, act: str, args: list[Any]) -> Any:
    db = Database(url)
    try:
        return await getattr(acts, act)(db, *args)
    finally:
        await db.close()


async def main() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            answer = {"result": await do(**json.loads(line))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)  # noqa: T201


asyncio.run(main())
