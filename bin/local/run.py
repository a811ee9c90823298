"""bin/run: installs packages, starts the engines, creates the tables and starts the server; stops them together."""

import os
import subprocess
import sys
import time

from bin.local import serve, static_files
from bin.local.advice import exit_words
from bin.local.checkout import ROOT, env_file, load_env_file
from bin.local.console import Stop, UserError, print_line, run_command, seconds_since, tail
from bin.local.engines import named_engines
from bin.local.install import install, install_server
from bin.local.lock import CheckoutLock, Owner
from bin.local.processes import SERVER, Child, ProcessGroup, run_in_foreground
from bin.local.running import checkout_engines
from bin.local.sign_in import name_sign_in

USAGE = """bin/run: starts the chat server with all it needs. Settings, in the environment or in .env:
  PORT=3000  HOST=127.0.0.1  WORKERS=1  REDIS_URL=...  DYNAMODB_URL=...  MONGODB_URI=...
More in docs/running.md."""


def main(arguments: list[str]) -> int:
    if arguments:
        print_line(USAGE)
        return 0 if arguments[0] in ("-h", "--help") else 2
    start = time.monotonic()
    lock = CheckoutLock("bin/run")
    if owner := lock.take():
        raise already_running(owner)
    if not env_file().exists():
        # The port is known already: report a taken one before installing, not after.
        _require_listen_address()
    install_server("bin/run")
    load_env_file()
    name_sign_in()
    listen = _require_listen_address()
    named = named_engines(os.environ)
    install("bin/run", named=named)
    with checkout_engines(lock, named) as (processes, addresses):
        try:
            return _serve(processes, listen, addresses, start)
        except Stop:
            print_line("\nStopping")
            return 0


def _require_listen_address() -> serve.Listen:
    listen = serve.Listen.from_environment()
    serve.require_free_port(listen)
    return listen


def already_running(owner: Owner) -> UserError:
    if owner.command != "bin/run":
        return UserError(
            f"{owner.command} (process {owner.pid}) is using the engines.", "Start again once it has ended."
        )
    return UserError(
        f"The server of this checkout is running already (process {owner.pid}).",
        f"Stop it with Ctrl-C where it runs, or: kill {owner.pid}",
        "To run a second server at the same time, use another checkout and another port.",
    )


def _serve(processes: ProcessGroup, listen: serve.Listen, addresses: dict[str, str], start: float) -> int:
    env = {**os.environ, **addresses}
    print_line("Creating tables and indexes")
    code = run_in_foreground([sys.executable, "manage.py", "create_tables"], env, ROOT)
    if code:
        raise UserError(f"manage.py create_tables failed ({exit_words(code)}).", "Its output is above.")
    env |= static_files.build(env)
    print_line(
        f"Starting the server on {listen.host}:{listen.port} ({listen.workers} worker{'s'[: listen.workers > 1]})"
    )
    server = processes.start("server", serve.command(listen), rank=SERVER, cwd=ROOT, env=env)
    serve.wait_until_it_answers(server, listen)
    print_line(f"\n✓ The server is ready, {seconds_since(start)} after the start.")
    serve.print_urls(listen)
    if env.get("SIGN_IN", "").strip().lower() == "accounts":
        _print_owner_link(env)
    raise _exited(_wait_for_exit(processes))


def _print_owner_link(env: dict[str, str]) -> None:
    """Prints the one-time link of the owner, until there is one. It goes to this terminal, not to a log."""
    command = [sys.executable, "manage.py", "owner_link"]
    printed = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if printed.returncode:
        print_line("\nThe owner's link could not be made: try bin/manage owner_link.")
    elif link := printed.stdout.strip():
        print_line(f"\nNobody has an account yet. Make the owner's, by this link, which works once:\n  {link}")


def _wait_for_exit(processes: ProcessGroup) -> Child:
    """Returns the first child that ends by itself."""
    while not (exited := processes.first_exited()):
        time.sleep(0.25)
    return exited


def _exited(child: Child) -> UserError:
    code = child.exit_code() or 0
    if not child.log:
        return serve.server_died(code)
    return UserError(
        f"{child.name} ended by itself ({exit_words(code)}), so everything is stopped.",
        "Start again with bin/run; the data is kept.",
        f"The end of {child.log}:",
        *tail(child.log),
    )


if __name__ == "__main__":
    run_command(main)
