"""Measures a class under JupyterHub and writes docs/performance-hub.md."""

import argparse
import asyncio
import sys
import time

from benchmarks.hub import crowd, page, place, servers
from deploy.development.ending import end_with_parent

BEGAN = time.perf_counter()


def say(text: str) -> None:
    print(f"▸ {time.perf_counter() - BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--students", type=int, default=200, help="how many submit at once")
    return parser.parse_args()


def main() -> None:
    asked = options()
    end_with_parent()
    rounds, served = (2, 4) if asked.quick else (5, 10)
    with place.place() as room:
        say(f"{asked.students} people at the hub, {served} of them with a server")
        tokens = place.learners(room, asked.students)
        first = dict(list(tokens.items())[:served])
        for each in first:
            room.start_server(each)
        name, token = next(iter(first.items()))
        say("One call on each way")
        ways = asyncio.run(crowd.calls(room, name, token, 100 if asked.quick else 500))
        say("All submit at once")
        met = asyncio.run(crowd.crowd(room, tokens, set(first)))
        say("Memory of idle servers")
        weights = servers.weights(room, name, rounds)
        for each in first:
            room.stop_server(each)
        say("Sign-in to Lab")
        ready = servers.lab_ready(room, rounds)
    print(page.write(ready, ways, met, weights))
    for goal in page.missed(ways, met, weights) or ["every goal is met"]:
        say(goal)


if __name__ == "__main__":
    main()
