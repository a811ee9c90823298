"""bin/manage: manage.py on the engines of the running server, or on engines started for the length of the command."""

import os
import sys
import time

from bin.local import addresses
from bin.local.checkout import ROOT, load_dotenv
from bin.local.console import Trouble, run_command
from bin.local.engines import named_engines
from bin.local.install import install
from bin.local.lock import CheckoutLock
from bin.local.processes import run_in_foreground
from bin.local.running import checkout_engines


def main(arguments: list[str]) -> int:
    load_dotenv()
    command = [sys.executable, "manage.py", *arguments]
    lock = CheckoutLock("bin/manage")
    if found := _running_addresses(lock):
        return run_in_foreground(command, {**found, **os.environ}, ROOT)
    named = named_engines(os.environ)
    install("bin/manage", named=named)
    with checkout_engines(lock, named) as (_, found):
        code = run_in_foreground(command, {**os.environ, **found}, ROOT)
        lock.wait_for_borrowers()
        return code


def _running_addresses(lock: CheckoutLock, patience: float = 300) -> dict[str, str]:
    """Where the engines of another command answer; empty when the lock is ours, and with it the starting of them."""
    deadline = time.monotonic() + patience
    while lock.take():
        # Borrowed before the addresses are read: their owner stops nothing that is borrowed.
        lock.borrow()
        if found := addresses.read():
            return found
        lock.give_back()
        if time.monotonic() > deadline:
            raise Trouble("Another command is starting the engines and does not get ready.", "See where it runs.")
        time.sleep(0.1)
    return {}


if __name__ == "__main__":
    run_command(main)
