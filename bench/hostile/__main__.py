"""Attacks a server on loopback for some seconds, and prints as JSON what was done and how it was answered.

    bin/manage fixture --users 10 --groups 1 --members 10 > fixture.json
    nice -n 19 python -m bench.hostile --url http://127.0.0.1:3000 --fixture fixture.json --seconds 60

Each member of the fixture's groups attacks in turn in their group. Exit code 1: there was an answer with 500.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from websockets.exceptions import WebSocketException

from bench.load.fixture import Fixture

from . import members, strangers
from .attacker import Attack, Attacker

ATTACKS = (*strangers.ATTACKS, *members.ATTACKS)
STARTED = "attacking"
# A server that refuses at once is not asked again at once: what the machine can do is not what is looked for.
_PAUSE = 0.02
_REFUSALS = (OSError, EOFError, asyncio.LimitOverrunError, WebSocketException, aiohttp.ClientError)


async def attack(url: str, fixture: Fixture, *, seconds: float, copies: int, only: str = "") -> Counter[str]:
    """Run `copies` clients of each attack at once, and return how often each was done, and the answers by status."""
    counts: Counter[str] = Counter()
    attackers = _attackers(url, fixture, counts)
    attacks = [each for each in ATTACKS if re.search(only, each.__name__)] * copies
    ends = asyncio.get_running_loop().time() + seconds
    pairs = zip(attacks, attackers, strict=False)
    tasks = [asyncio.create_task(_repeat(each, attacker, ends)) for each, attacker in pairs]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    for task in (await asyncio.wait(tasks))[0]:
        if not task.cancelled():
            task.result()
    return counts


def _attackers(url: str, fixture: Fixture, counts: Counter[str]) -> Iterator[Attacker]:
    """Yield the members of all groups in turn, each time from another address."""
    people = [(fixture.tokens[user_id], group.id) for group in fixture.groups for user_id in group.members]
    for number, (token, group_id) in enumerate(cycle(people)):
        address = str(ip_address("127.0.1.1") + number)
        yield Attacker(url, address, token, group_id, counts, random.Random(number))


async def _repeat(attack: Attack, attacker: Attacker, ends: float) -> None:
    name = attack.__name__.replace("_", " ")
    # A cancellation alone may be lost in what an attack awaits.
    while asyncio.get_running_loop().time() < ends:
        try:
            await attack(attacker)
            attacker.counts[name] += 1
        except _REFUSALS:
            attacker.counts[f"{name}, cut off"] += 1
        await asyncio.sleep(_PAUSE)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True, help="a server on this machine, whose address is loopback")
    parser.add_argument("--fixture", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0, help="ten minutes at most (60)")
    parser.add_argument("--copies", type=int, default=2, help="clients of each attack, ten at most (2)")
    parser.add_argument("--only", default="", help="only the attacks whose name this expression finds")
    options = parser.parse_args()
    if not ip_address(urlsplit(options.url).hostname or "0.0.0.0").is_loopback:  # noqa: S104 (refused)
        parser.error("the address of the server must be one of loopback: others are not attacked")
    fixture = Fixture.of(json.loads(options.fixture.read_text()))
    print(STARTED, flush=True)
    bounded: dict[str, Any] = {"seconds": min(options.seconds, 600.0), "copies": min(options.copies, 10)}
    counts = asyncio.run(attack(options.url, fixture, **bounded, only=options.only))
    print(json.dumps(dict(sorted(counts.items()))))
    return 1 if counts["answers with 500"] else 0


if __name__ == "__main__":
    sys.exit(main())
