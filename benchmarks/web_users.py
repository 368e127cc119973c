"""`python -m benchmarks.web_users PLAN`: people who click, in a process of their own. Prints what they waited as JSON.

One connection per person, kept open, on one event loop: a request costs this process about a tenth of a millisecond, and
what it used is told too, so that nobody takes the client's work for the server's. PLAN is a JSON file:

port, people, seconds, warm_up (seconds that do not count), think (mean seconds between two clicks; 0: none)
pages      name → how often, in proportion
sessions   each with headers (text) and pages: name → [method, path, body] of requests to choose from
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any


class People:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.dice = random.Random(7)
        self.waits: dict[str, list[float]] = {name: [] for name in plan["pages"]}
        self.bytes: dict[str, int] = dict.fromkeys(plan["pages"], 0)
        self.errors: dict[str, int] = {}
        self.names = list(plan["pages"])
        self.weights = list(plan["pages"].values())
        self.counting_from = self.until = self.processor = 0.0

    async def click(self) -> dict[str, Any]:
        began = time.perf_counter()
        self.counting_from = began + self.plan["warm_up"]
        self.until = self.counting_from + self.plan["seconds"]
        await asyncio.gather(*(self._person(number) for number in range(self.plan["people"])))
        return {
            "waits": self.waits, "bytes": self.bytes, "errors": self.errors,
            "processor": time.process_time() / (time.perf_counter() - began),
        }  # fmt: skip

    async def _person(self, number: int) -> None:
        """A person is one of the sessions at a time, and another after each click: nobody runs into their own limits."""
        sessions, dice = self.plan["sessions"], self.dice
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan["port"])
        turn = number
        if self.plan["think"]:
            await asyncio.sleep(dice.random() * self.plan["think"])
        while (now := time.perf_counter()) < self.until:
            session = sessions[turn % len(sessions)]
            turn += self.plan["people"]
            name = dice.choices(self.names, self.weights)[0]
            method, path, body = dice.choice(session["pages"][name])
            try:
                status, size = await _ask(reader, writer, method, path, session["headers"], body)
            except (OSError, asyncio.IncompleteReadError):
                status, size = 0, 0
                reader, writer = await asyncio.open_connection("127.0.0.1", self.plan["port"])
            if now >= self.counting_from:
                self.waits[name].append(time.perf_counter() - now)
                self.bytes[name] += size
                if status != 200:
                    problem = f"{name} {status}"
                    self.errors[problem] = self.errors.get(problem, 0) + 1
            if self.plan["think"]:
                await asyncio.sleep(dice.expovariate(1 / self.plan["think"]))
        writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, headers: str, body: str
) -> tuple[int, int]:
    sent = body.encode()
    writer.write(
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: zh\r\n{headers}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
        + sent
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.find(b"content-length: ")
    size = int(head[at + 16 : head.index(b"\r\n", at)]) if at >= 0 else 0
    await reader.readexactly(size)
    return int(head[9:12]), size


if __name__ == "__main__":
    print(json.dumps(asyncio.run(People(json.loads(Path(sys.argv[1]).read_text("utf-8"))).click())))
