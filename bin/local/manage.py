"""bin/manage: manage.py with the engines of the running server, or with engines started just for the command."""

import os
import sys
import time

from bin.local import addresses
from bin.local.checkout import ROOT, load_env_file
from bin.local.console import UserError, run_command
from bin.local.engines import named_engines
from bin.local.install import install, install_server
from bin.local.lock import CheckoutLock
from bin.local.processes import run_in_foreground
from bin.local.running import checkout_engines
from bin.local.sign_in import name_sign_in


def main(arguments: list[str]) -> int:
    install_server("bin/manage")
    load_env_file()
    name_sign_in()
    command = [sys.executable, "manage.py", *arguments]
    lock = CheckoutLock("bin/manage")
    if running := _running_addresses(lock):
        return run_in_foreground(command, {**running, **os.environ}, ROOT)
    named = named_engines(os.environ)
    install("bin/manage", named=named)
    with checkout_engines(lock, named) as (_, started):
        code = run_in_foreground(command, {**os.environ, **started}, ROOT)
        lock.wait_for_borrowers()
        return code


def _running_addresses(lock: CheckoutLock, timeout: float = 300) -> dict[str, str]:
    """The addresses of the engines that another command runs; empty when we have the lock and must start them."""
    deadline = time.monotonic() + timeout
    while lock.take():
        # Borrow first: between reading the addresses and using them, their owner could stop the engines.
        lock.borrow()
        if running := addresses.read():
            return running
        lock.give_back()
        if time.monotonic() > deadline:
            raise UserError(
                "Another command has been starting the engines for too long.", "Look at the terminal where it runs."
            )
        time.sleep(0.1)
    return {}


if __name__ == "__main__":
    run_command(main)
