"""Sends a server 10,000 inputs that chance has made, through every door: none does it harm (tests/attacks/).

bin/prove attacks --count 50000
"""

import argparse
import os
import secrets
from collections.abc import Sequence

from bin.local import test
from bin.local.console import print_line, run_command


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/prove attacks", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=None, help="what chance begins with")
    options = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    print_line(f"The same inputs again: --seed {seed}")
    os.environ |= {"ATTACKS": str(options.count), "ATTACK_SEED": str(seed)}
    return test.main(["tests/attacks/test_generated.py"])


if __name__ == "__main__":
    run_command(main)
