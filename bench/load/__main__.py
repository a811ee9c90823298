"""Runs the load generator on a running server and prints figures as JSON; exit code 1: deliveries went wrong.

    bin/manage fixture --users 100 --groups 1 --members 100 > fixture.json
    python -m bench.load --url http://127.0.0.1:3000 --fixture fixture.json --members 100 --senders 16

The server may be any that speaks Socket.IO, authenticates with {"token"} on connect, acknowledges the event `message`
{groupId, content, clientId} with {"ok": true} once it is stored, and broadcasts it as `message`.
"""

import argparse
import json
import sys
from pathlib import Path

import uvloop

from .fixture import Fixture
from .run import Target, Timing, Workload, run


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", action="append", required=True, help="a server; may be repeated")
    parser.add_argument("--fixture", type=Path, required=True)
    parser.add_argument("--groups", type=int, default=1, help="how many of the fixture's groups to use (1)")
    parser.add_argument("--members", type=int, default=100, help="connected members per group (100)")
    parser.add_argument("--senders", type=int, default=4, help="sending members per group (4)")
    parser.add_argument("--window", type=int, default=4, help="unacknowledged messages per sender (4)")
    parser.add_argument("--rate", type=float, default=0.0, help="total messages per second, instead of a window")
    parser.add_argument("--size", type=int, default=200, help="bytes of padding per message (200)")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pid", type=int, action="append", default=[], help="a server process to measure")
    parser.add_argument("--no-ready", action="store_true", help="the server sends no `ready` event")
    options = parser.parse_args()
    fixture = Fixture.of(json.loads(options.fixture.read_text()))
    workload = Workload(options.groups, options.members, options.senders, options.window, options.rate, options.size)
    target = Target(options.url, options.pid, sends_ready=not options.no_ready)
    figures = uvloop.run(run(workload, fixture, target, Timing(seconds=options.seconds)))
    print(json.dumps(figures, indent=2))
    return 1 if figures["lost"] or figures["twice"] or figures["disordered"] else 0


if __name__ == "__main__":
    sys.exit(main())
