"""The environment of a proof: temporary engines, tables and servers."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cores import pinned
from bench.health import SETTINGS as HEALTH_SETTINGS
from bin.local import serve
from bin.local.checkout import ROOT
from bin.local.console import UserError, print_line
from bin.local.processes import SERVER, ProcessGroup
from bin.local.ready import LOCALHOST, free_port
from bin.local.running import Home, engines

CHAT = "chatproject.asgi:application"


@dataclass(frozen=True)
class Server:
    url: str
    pid: int


@dataclass
class ProofEnvironment:
    """`engines` are addresses by variable; the log of the server goes to `folder`."""

    engines: Mapping[str, str]
    folder: Path
    namespace: str = field(default_factory=lambda: f"proof-{secrets.token_hex(4)}")

    def create_fixture(self, *, users: int, groups: int, members: int) -> dict[str, Any]:
        """Create the tables, users and groups, and return what `bin/manage fixture` prints."""
        self.create_tables()
        sizes = ("--users", str(users), "--groups", str(groups), "--members", str(members))
        fixture: dict[str, Any] = json.loads(self._manage("fixture", *sizes))
        return fixture

    def create_tables(self) -> None:
        self._manage("create_tables")

    @contextmanager
    def running_server(
        self, settings: Mapping[str, str], *, application: str = CHAT, cores: Sequence[int] = ()
    ) -> Iterator[Server]:
        """Run a server with these additional settings, on these cores alone if there are any."""
        listen = serve.Listen(LOCALHOST, free_port(), workers=1)
        command = pinned([application if word == CHAT else word for word in serve.command(listen)], cores)
        env = {**self.process_environment(), "PORT": str(listen.port), **settings}
        processes = ProcessGroup()
        try:
            child = processes.start("server", command, rank=SERVER, cwd=ROOT, env=env, log=self.folder / "server.log")
            serve.wait_until_it_answers(child, listen)
            yield Server(listen.own_url(""), child.process.pid)
        finally:
            processes.stop()

    def process_environment(self) -> dict[str, str]:
        """As in production, without the developer's .env, and without rate limits: few users send all messages."""
        return {
            **os.environ,
            **self.engines,
            "NAMESPACE": self.namespace,
            "MONGODB_DATABASE": self.namespace,
            "ENV_FILE": os.devnull,
            **dict.fromkeys(("CLERK_ISSUER", "HOST", "PUBLIC_URL"), ""),
            "SIGN_IN": "trial",
            "DEBUG": "0",
            "SECRET_KEY": "proof-" * 10,
            "ALLOWED_HOSTS": LOCALHOST,
            "RATE_LIMITS": "off",
            **HEALTH_SETTINGS,
            "LOG_LEVEL": "WARNING",
        }

    def _manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.process_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise UserError(f"manage.py {arguments[0]} failed.", *done.stderr.splitlines()[-15:])
        return done.stdout


def run_proof(prove: Callable[[ProofEnvironment], Sequence[str]]) -> int:
    """Run a proof, which returns failures, on temporary engines; print the failures and return the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="chatproject-proof-"))
    processes, failures = ProcessGroup(), None
    try:
        with engines(processes, Home(folder / "data", folder, throwaway=True, short_lived=True), {}) as addresses:
            failures = prove(ProofEnvironment(addresses, folder))
    finally:
        processes.stop()
        if failures or failures is None:
            print_line(f"The logs of the server and the engines are in {folder}")
        else:
            shutil.rmtree(folder)
    for failure in failures:
        print_line(f"✗ {failure}")
    return 1 if failures else 0
