"""bin/setup: installs what bin/run needs and starts nothing; with --lock it writes the lock files."""

import os
import time

from bin.local.checkout import load_env_file
from bin.local.console import print_line, run_command, seconds_since
from bin.local.engines import named_engines
from bin.local.install import install, install_server
from bin.local.requirements import write_locks

USAGE = """\
bin/setup [--dev]: installs what bin/run (and with --dev bin/test) needs.
bin/setup --lock [package ...]: writes the lock files anew, with the latest versions of these packages that are allowed.
See docs/running.md."""


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--lock"] and not any(name.startswith("-") for name in arguments[1:]):
        install_server("bin/setup", dev=True)
        write_locks(arguments[1:])
        print_line("✓ The lock files are written. Next: bin/test, which installs what they say")
        return 0
    if arguments not in ([], ["--dev"]):
        print_line(USAGE)
        return 2
    start = time.monotonic()
    install_server("bin/setup", dev=bool(arguments))
    load_env_file()
    install("bin/setup", named=named_engines(os.environ), dev=bool(arguments))
    print_line(f"✓ Everything is installed ({seconds_since(start)}). Next: bin/run")
    return 0


if __name__ == "__main__":
    run_command(main)
