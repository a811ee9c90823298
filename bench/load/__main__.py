"""Puts a load on a server that runs already, and prints the figures as JSON; exit code 1: a promise was broken.

    bin/manage fixture --users 100 --groups 1 --members 100 > fixture.json
    python -m bench.load --url http://127.0.0.1:3000 --fixture fixture.json --members 100 --senders 16

The server may be any that speaks Socket.IO, takes {"token"} when a client connects, acknowledges the event `message`
{groupId, content, clientId} with {"ok": true} once it is stored, and broadcasts it as `message`.
"""

import argparse
import json
import sys
from pathlib import Path

import uvloop

from .fixture import Fixture
from .run import Load, Target, Timing, run


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", action="append", required=True, help="a server; several times for several")
    parser.add_argument("--fixture", type=Path, required=True)
    parser.add_argument("--groups", type=int, default=1, help="how many of the fixture's groups take part (1)")
    parser.add_argument("--members", type=int, default=100, help="members connected, a group (100)")
    parser.add_argument("--senders", type=int, default=4, help="members who send, a group (4)")
    parser.add_argument("--window", type=int, default=4, help="unacknowledged messages a sender (4)")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second in all, instead of a window")
    parser.add_argument("--size", type=int, default=200, help="bytes of padding in a message (200)")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pid", type=int, action="append", default=[], help="the server's process, for CPU and memory")
    parser.add_argument("--no-ready", action="store_true", help="the server sends no `ready` event")
    given = parser.parse_args()
    fixture = Fixture.of(json.loads(given.fixture.read_text()))
    load = Load(given.groups, given.members, given.senders, given.window, given.rate, given.size)
    target = Target(given.url, given.pid, sends_ready=not given.no_ready)
    figures = uvloop.run(run(load, fixture, target, Timing(seconds=given.seconds)))
    print(json.dumps(figures, indent=2))
    return 1 if figures["lost"] or figures["twice"] or figures["disordered"] else 0


if __name__ == "__main__":
    sys.exit(main())
