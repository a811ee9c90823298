"""bin/prove: the proofs that take minutes, all of them or one by name, each on engines and data of its own."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bin.local.checkout import ROOT
from bin.local.console import print_line, run_command, seconds_since
from bin.local.install import install
from bin.local.processes import run_step


@dataclass(frozen=True)
class Proof:
    name: str
    module: str
    what: str
    length: str


PROOFS = (
    Proof("chaos", "bench.chaos", "nothing is lost, doubled or reordered while servers and engines fail", "10 minutes"),
    Proof("hostile", "bench.proofs.hostile", "hostile clients cost honest ones nothing", "2 minutes"),
    Proof("soak", "bench.proofs.soak", "a server's memory, open files and tasks do not grow", "20 minutes"),
    Proof("large", "bench.proofs.large", "a group with a long log is read with few requests to the store", "1 minute"),
    Proof("followers", "bench.proofs.followers", "what follows the logs skips nothing, in order", "4 minutes"),
    Proof("later", "bench.proofs.later", "what is planned is done once, whoever is killed", "2 minutes"),
    Proof("notifications", "bench.proofs.notifications", "who is named is told, once, under kills", "2 minutes"),
    Proof("search", "bench.proofs.search", "search finds every substring, and nothing else", "2 minutes"),
    Proof("attacks", "bench.proofs.attacks", "10,000 hostile inputs do a server no harm", "3 minutes"),
)
USAGE = "\n".join(
    [
        "bin/prove: runs all of these, or one of them: bin/prove NAME [OPTIONS]",
        *(f"  {proof.name:<13} {proof.what} ({proof.length})" for proof in PROOFS),
        "bin/prove NAME --help lists its options; bin/prove chaos --minutes 1 is a short one. More in docs/running.md.",
    ]
)


def main(arguments: list[str]) -> int:
    chosen = [proof for proof in PROOFS if not arguments or proof.name == arguments[0]]
    if not chosen:
        print_line(USAGE)
        return 0 if arguments[0] in ("-h", "--help") else 2
    install("bin/prove", named=(), dev=True)
    verdicts = [_run(proof, arguments[1:]) for proof in chosen]
    if not {"-h", "--help"} & set(arguments):
        print_line("\n".join(["", *(verdict for _, verdict in verdicts)]))
    return next((code for code, _ in verdicts if code), 0)


def _run(proof: Proof, options: Sequence[str]) -> tuple[int, str]:
    """Run a proof and return its exit code and a line about it."""
    print_line(f"\n== {proof.name}: {proof.what}")
    start = time.monotonic()
    code = run_step([sys.executable, "-m", proof.module, *options], os.environ, ROOT)
    verdict = "✗ not proven" if code else "✓ proven"
    return code, f"{verdict}: {proof.what} [{proof.name}, {seconds_since(start)}]"


if __name__ == "__main__":
    run_command(main)
