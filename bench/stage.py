"""Starts what is measured: our server as bin/run starts it, the reference server, and the store front before them."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cores import pinned, server_cores
from bench.load.fixture import Fixture, plain_fixture
from bench.load.run import Target
from bench.revision import Revision
from bin.local import serve
from bin.local.checkout import ROOT
from bin.local.console import UserError, say, tail
from bin.local.install import find_node
from bin.local.processes import ENGINE, SERVER, Child, ProcessGroup
from bin.local.ready import LOCALHOST, free_port, http_status

REFERENCE = ROOT / "bench" / "reference"
# The third is an older revision of ours.
OURS, THEIRS, BASELINE = "chatproject", "reference", "baseline"
STORE_LATENCY_MS = 4
_REFERENCE_TABLE = "ReferenceMessages"
_PATIENCE = 60.0

# Where writes of messages go: to a front that answers them itself, through one that only counts, or straight on.
FIXED, COUNTED, PLAIN = "fixed", "counted", "plain"


@dataclass(frozen=True, slots=True)
class Front:
    """A running store front."""

    url: str

    def counts(self) -> dict[str, int]:
        """Return how often each operation came so far, by its name and tables."""
        with urllib.request.urlopen(f"{self.url}/counts", timeout=10) as answer:
            found: dict[str, int] = json.load(answer)
            return found


@dataclass(frozen=True, slots=True)
class Serving:
    """What serves just now: the servers, who may connect to them, and the front if there is one."""

    target: Target
    fixture: Fixture
    data: dict[str, Any]
    front: Front | None

    @property
    def url(self) -> str:
        return self.target.urls[0]


@dataclass
class Stage:
    """One for a whole benchmark: the engines' addresses, a folder for logs, and the fixtures that were made.

    `revisions` are those of our server, by contender.
    """

    engines: Mapping[str, str]
    folder: Path
    revisions: Mapping[str, Revision]
    _made: dict[Path, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def serving(
        self,
        contender: str,
        shape: tuple[int, int],
        *,
        store: str = FIXED,
        servers: int = 1,
        signed: bool = False,
    ) -> Iterator[Serving]:
        """Run a contender, freshly started, for `shape` = (groups, members a group).

        With `signed` the reference too gets our tokens: it checks them, and reads the groups that a user is in.
        """
        people = OURS if signed and contender == THEIRS else contender
        data = self._fixture(people, shape)
        processes = ProcessGroup()
        try:
            front = None if store == PLAIN else self._front(processes, contender, shape, store)
            env = {**os.environ, **self.engines, "FIXTURE": str(self._fixture_file(people, shape))}
            env["DYNAMODB_URL"] = front.url if front else self.engines["DYNAMODB_URL"]
            start = self._start_reference if contender == THEIRS else self._start_ours
            started = [start(processes, contender, shape, env, cores) for cores in _cores(servers)]
            target = Target([url for url, _ in started], [pid for _, pid in started], people != THEIRS)
            yield Serving(target, Fixture.of(data), data, front)
            if front and contender == BASELINE and store == FIXED:
                _require_writes(front, self._messages_table(contender, shape))
        finally:
            processes.stop()

    # --- who is there ------------------------------------------------------------------------------------------------
    def _fixture(self, contender: str, shape: tuple[int, int]) -> dict[str, Any]:
        file = self._fixture_file(contender, shape)
        if file not in self._made:
            made = plain_fixture(*shape) if contender == THEIRS else self._make_ours(contender, shape)
            file.write_text(json.dumps(made))
            self._made[file] = made
        return self._made[file]

    def _fixture_file(self, contender: str, shape: tuple[int, int]) -> Path:
        return self.folder / f"{contender}-{_name(shape)}.json"

    def _make_ours(self, contender: str, shape: tuple[int, int]) -> dict[str, Any]:
        """Straight on DynamoDB Local: a front would not keep what it answers."""
        groups, members = shape
        say(f"  making {groups * members:,} users and {groups:,} group{'s'[: groups > 1]}")
        env, revision = {**os.environ, **self.engines, **_our_settings(contender, shape)}, self.revisions[contender]
        revision.manage(["create_tables"], env)
        sizes = ["--users", str(groups * members), "--groups", str(groups), "--members", str(members)]
        made: dict[str, Any] = json.loads(revision.manage(["fixture", *sizes], env))
        return made

    # --- processes ---------------------------------------------------------------------------------------------------
    def _front(self, processes: ProcessGroup, contender: str, shape: tuple[int, int], store: str) -> Front:
        return self.front_for(processes, *([self._messages_table(contender, shape)] if store == FIXED else []))

    def _messages_table(self, contender: str, shape: tuple[int, int]) -> str:
        own = f"{_our_settings(contender, shape)['NAMESPACE']}-Messages"
        return _REFERENCE_TABLE if contender == THEIRS else own

    def front_for(self, processes: ProcessGroup, *tables: str) -> Front:
        """Start a store front for the writes to these tables."""
        log = self.folder / "front.log"
        return start_front(processes, upstream=self.engines["DYNAMODB_URL"], tables=tables, log=log)

    def _start_ours(
        self, processes: ProcessGroup, contender: str, shape: tuple[int, int], env: Mapping[str, str], cores: list[int]
    ) -> tuple[str, int]:
        listen = serve.Listen(LOCALHOST, free_port(), workers=1)
        env = {**env, **_our_settings(contender, shape), "PORT": str(listen.port)}
        revision, log = self.revisions[contender], self.folder / f"{contender}.log"
        command = pinned(revision.server_command(listen.host, listen.port), cores)
        child = processes.start(contender, command, rank=SERVER, cwd=revision.root, env=env, log=log)
        serve.wait_until_it_answers(child, listen)
        return f"http://{LOCALHOST}:{listen.port}", child.process.pid

    def _start_reference(
        self, processes: ProcessGroup, contender: str, shape: tuple[int, int], env: Mapping[str, str], cores: list[int]
    ) -> tuple[str, int]:
        port = free_port()
        env = {**env, "PORT": str(port), "TABLE": _REFERENCE_TABLE, "NODE_ENV": "production"}
        command, log = pinned([find_node(), "server.js"], cores), self.folder / "reference.log"
        child = processes.start(THEIRS, command, rank=SERVER, cwd=REFERENCE, env=env, log=log)
        _until_it_answers(child, f"http://{LOCALHOST}:{port}")
        return f"http://{LOCALHOST}:{port}", child.process.pid


def start_front(processes: ProcessGroup, *, upstream: str, tables: Sequence[str], log: Path) -> Front:
    """Start a store front that answers writes to these tables itself; without any it only counts."""
    port = free_port()
    env = {**os.environ, "PORT": str(port), "UPSTREAM": upstream, "TABLES": ",".join(tables)}
    env["LATENCY_MS"] = str(STORE_LATENCY_MS)
    child = processes.start(
        "store front", [find_node(), "store_front.js"], rank=ENGINE, cwd=REFERENCE, env=env, log=log
    )
    _until_it_answers(child, f"http://{LOCALHOST}:{port}/counts")
    return Front(f"http://{LOCALHOST}:{port}")


def _require_writes(front: Front, table: str) -> None:
    """An older revision may name the table otherwise: then the emulator was measured instead of the server."""
    if not any(table in operation for operation in front.counts()):
        raise UserError(f"The older revision wrote nothing to {table}: it cannot be compared.")


def _until_it_answers(child: Child, url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while http_status(url) is None:
        if child.exit_code() is not None or time.monotonic() > deadline:
            raise UserError(f"The {child.name} does not answer.", *(tail(child.log) if child.log else ()))
        time.sleep(0.05)


def _cores(servers: int) -> list[list[int]]:
    """Return the cores of each server: one of its own as far as there are enough."""
    cores = server_cores()
    return [[cores[number % len(cores)]] if cores else [] for number in range(servers)]


def _name(shape: tuple[int, int]) -> str:
    groups, members = shape
    return f"{groups}x{members}"


def _our_settings(contender: str, shape: tuple[int, int]) -> dict[str, str]:
    """As on a server: DEBUG off, no developer's .env. Only the pace is free, for the load comes from few users."""
    return {
        "NAMESPACE": f"bench-{contender}-{_name(shape)}",
        "ENV_FILE": os.devnull,
        "DEBUG": "0",
        "ALLOW_LOCAL_ISSUER_IN_PRODUCTION": "1",
        "SECRET_KEY": "bench-" * 10,
        "ALLOWED_HOSTS": LOCALHOST,
        "MESSAGE_RATE": "0",
        "LOG_LEVEL": "WARNING",
    }
