"""bin/run: install, engines, tables, server; stops all of it together."""

import os
import sys
import time

from bin.local import serve
from bin.local.advice import exit_words
from bin.local.checkout import ROOT, load_dotenv
from bin.local.console import Stop, Trouble, run_command, say, seconds_since, tail
from bin.local.engines import named_engines
from bin.local.install import install
from bin.local.lock import CheckoutLock, Owner
from bin.local.processes import SERVER, Child, Family, run_in_foreground
from bin.local.running import checkout_engines

USAGE = """bin/run: starts the chat server with all it needs. Set by environment or .env:
  PORT=3000  HOST=127.0.0.1  WORKERS=1  REDIS_URL=...  DYNAMODB_URL=...  MONGODB_URI=...
More in docs/running.md."""


def main(arguments: list[str]) -> int:
    if arguments:
        say(USAGE)
        return 0 if arguments[0] in ("-h", "--help") else 2
    start = time.monotonic()
    load_dotenv()
    listen = serve.Listen.from_environment()
    lock = CheckoutLock("bin/run")
    if owner := lock.take():
        raise already_running(owner)
    serve.require_free_port(listen)
    named = named_engines(os.environ)
    install("bin/run", named=named)
    with checkout_engines(lock, named) as (family, found):
        try:
            return _serve(family, listen, found, start)
        except Stop:
            say("\nStopping")
            return 0


def already_running(owner: Owner) -> Trouble:
    if owner.command != "bin/run":
        return Trouble(f"{owner.command} (process {owner.pid}) is using the engines.", "Start again when it has ended.")
    return Trouble(
        f"The server of this checkout runs already (process {owner.pid}).",
        f"Stop it with Ctrl-C where it runs, or: kill {owner.pid}",
        "A second one beside it needs a checkout of its own and another port.",
    )


def _serve(family: Family, listen: serve.Listen, found: dict[str, str], start: float) -> int:
    env = {**os.environ, **found}
    say("Creating tables and indexes")
    code = run_in_foreground([sys.executable, "manage.py", "create_tables"], env, ROOT)
    if code:
        raise Trouble(f"manage.py create_tables failed ({exit_words(code)}).", "What it printed stands above.")
    say(f"Starting the server on {listen.host}:{listen.port} ({listen.workers} worker{'s'[: listen.workers > 1]})")
    server = family.start("server", serve.command(listen), rank=SERVER, cwd=ROOT, env=env)
    serve.wait_until_it_answers(server, listen)
    say(f"\n✓ It answers, {seconds_since(start)} after the start.")
    serve.print_places(listen)
    raise _fallen(_watch(family))


def _watch(family: Family) -> Child:
    """Returns the first child that ends by itself."""
    while not (fallen := family.fallen()):
        time.sleep(0.25)
    return fallen


def _fallen(child: Child) -> Trouble:
    code = child.exit_code() or 0
    if not child.log:
        return serve.server_died(code)
    return Trouble(
        f"{child.name} ended by itself ({exit_words(code)}), so everything is stopped.",
        "Start again with bin/run; the data is kept.",
        f"The end of {child.log}:",
        *tail(child.log),
    )


if __name__ == "__main__":
    run_command(main)
