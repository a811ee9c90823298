"""bin/setup: installs what bin/run needs and starts nothing."""

import os
import time

from bin.local.checkout import load_env_file
from bin.local.console import print_line, run_command, seconds_since
from bin.local.engines import named_engines
from bin.local.install import install, install_server


def main(arguments: list[str]) -> int:
    """`--dev` also installs what bin/test needs."""
    if arguments not in ([], ["--dev"]):
        print_line("bin/setup [--dev]: installs what bin/run (and with --dev bin/test) needs. See docs/running.md.")
        return 2
    start = time.monotonic()
    install_server("bin/setup", dev=bool(arguments))
    load_env_file()
    install("bin/setup", named=named_engines(os.environ), dev=bool(arguments))
    print_line(f"✓ Everything is installed ({seconds_since(start)}). Next: bin/run")
    return 0


if __name__ == "__main__":
    run_command(main)
