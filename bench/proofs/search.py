"""Checks that search finds every substring, and nothing else, and says how long it takes.

    bin/prove search --messages 1000000

Messages in twelve alphabets are written into the logs of groups and handed to the follower of search. Members of 1, 20
and 1,000 groups then search for common parts of words, and for substrings of any message: what they find must be what
a plain scan of all texts finds, in either order. Others are sent, edited and deleted while followers follow: it is told
after how long that is found. Times and sizes are told, and decide nothing.
"""

import argparse
import subprocess
import sys
from typing import Any

import orjson

from bin.local.checkout import ROOT
from bin.local.console import UserError, print_line, run_command

from .environment import ProofEnvironment, run_proof

_MESSAGES_A_GROUP = 500


def prove(environment: ProofEnvironment, *, messages: int, queries: int, seed: int) -> list[str]:
    """Return what was found wrongly, or not at all."""
    groups = max(20, messages // _MESSAGES_A_GROUP)
    print_line(f"{messages:,} messages are written to {groups:,} groups, and followed")
    figures = _run(environment, messages, groups, queries, seed)
    for line in _report(figures):
        print_line(line)
    return [*figures["wrong"]]


def _run(environment: ProofEnvironment, *numbers: int) -> dict[str, Any]:
    environment.create_tables()
    command = [sys.executable, "-m", "bench.search.process", *map(str, numbers)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment.process_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError("The search could not be measured.", *done.stderr.splitlines()[-15:])
    figures: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return figures


def _report(figures: dict[str, Any]) -> list[str]:
    indexing, sizes = figures["indexing"], figures["bytes"]
    return [
        *(
            "{groups:,} groups, {kind}, {order} first: p50 {p50} ms, p95 {p95} ms, {cpu} ms of CPU "
            "and {engine} of MongoDB's, {queries} queries".format(**each)
            for each in figures["times"]
        ),
        f"followed: {indexing['perSecond']:,} messages a second, {indexing['cpuMicros']} µs of CPU each, and "
        f"{indexing['engineMicros']} of MongoDB's",
        f"{figures['messages']:,} messages of {figures['textBytes']:,} bytes; on the disk "
        + ", ".join(f"{name} {size:,}" for name, size in sizes.items()),
        *(
            "{kind} are found after: p50 {p50} ms, p95 {p95} ms, {most} at most".format(kind=kind, **times)
            for kind, times in figures["findable"].items()
        ),
        f"found {figures['editSeenMs']} ms after the follower had it; {len(figures['wrong'])} searches were wrong",
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove search", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100, help="of each kind and member")
    parser.add_argument("--seed", type=int, default=1, help="chooses the texts and what is searched for")
    options = parser.parse_args(arguments)

    def prove_in(environment: ProofEnvironment) -> list[str]:
        return prove(environment, messages=options.messages, queries=options.queries, seed=options.seed)

    return run_proof(prove_in)


if __name__ == "__main__":
    run_command(main)
