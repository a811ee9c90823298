"""Starts the systems under test: our server as bin/run starts it or the reference server, and their store proxy."""

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
from bench.health import SETTINGS as HEALTH_SETTINGS
from bench.load.fixture import Fixture, plain_fixture
from bench.load.run import Target
from bench.revision import Revision
from bin.local import serve
from bin.local.checkout import ROOT
from bin.local.console import UserError, print_line, tail
from bin.local.install import find_node
from bin.local.processes import ENGINE, SERVER, Child, ProcessGroup
from bin.local.ready import LOCALHOST, free_port, http_status

REFERENCE_DIR = ROOT / "bench" / "reference"
# The systems under test; the baseline is an older revision of our server.
OURS, REFERENCE, BASELINE = "chatproject", "reference", "baseline"
STORE_LATENCY_MS = 4
_REFERENCE_TABLE = "ReferenceMessages"
_START_TIMEOUT = 60.0

# How many groups, and members of each; each user is in one group, or with a third number there are so many users.
Shape = tuple[int, int] | tuple[int, int, int]
# The path of requests to DynamoDB Local: through a proxy that responds to message writes itself, through one that only
# counts, or without a proxy.
STUBBED, COUNTED, DIRECT = "stubbed", "counted", "direct"


@dataclass(frozen=True, slots=True)
class StoreProxy:
    """A running store proxy (bench/reference/store_proxy.js)."""

    url: str

    def counts(self) -> dict[str, int]:
        """Return the number of requests so far by operation and tables, such as {"Query Messages": 3}."""
        with urllib.request.urlopen(f"{self.url}/counts", timeout=10) as response:
            counts: dict[str, int] = json.load(response)
            return counts


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """The running servers, the users and groups on them, and the store proxy if there is one."""

    target: Target
    fixture: Fixture
    data: dict[str, Any]
    store_proxy: StoreProxy | None

    @property
    def url(self) -> str:
        return self.target.urls[0]


@dataclass
class Launcher:
    """Starts systems for a whole benchmark. `engines` are addresses by variable; logs and fixtures go to `folder`.

    `revisions` of our server are by system.
    """

    engines: Mapping[str, str]
    folder: Path
    revisions: Mapping[str, Revision]
    _fixtures: dict[Path, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def running(
        self,
        system: str,
        shape: Shape,
        *,
        store: str = STUBBED,
        servers: int = 1,
        signed: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> Iterator[RunningSystem]:
        """Start a system with users and groups of this shape.

        With `signed` the reference server gets our tokens too: it verifies them and reads a user's groups. `settings`
        are of this run alone.
        """
        users_of = OURS if signed and system == REFERENCE else system
        data = self._fixture(users_of, shape)
        processes = ProcessGroup()
        try:
            proxy = None if store == DIRECT else self._store_proxy(processes, system, shape, store)
            env = {**os.environ, **self.engines, **(settings or {})}
            env["FIXTURE"] = str(self._fixture_file(users_of, shape))
            env["DYNAMODB_URL"] = proxy.url if proxy else self.engines["DYNAMODB_URL"]
            start = self._start_reference if system == REFERENCE else self._start_ours
            started = [start(processes, system, shape, env, cores) for cores in _cores(servers)]
            target = Target([url for url, _ in started], [pid for _, pid in started], users_of != REFERENCE)
            yield RunningSystem(target, Fixture.of(data), data, proxy)
            if proxy and system == BASELINE and store == STUBBED:
                _require_writes(proxy, self._messages_table(system, shape))
        finally:
            processes.stop()

    # --- fixtures ----------------------------------------------------------------------------------------------------
    def _fixture(self, system: str, shape: Shape) -> dict[str, Any]:
        file = self._fixture_file(system, shape)
        if file not in self._fixtures:
            fixture = plain_fixture(*shape[:2]) if system == REFERENCE else self._create_fixture(system, shape)
            file.write_text(json.dumps(fixture))
            self._fixtures[file] = fixture
        return self._fixtures[file]

    def _fixture_file(self, system: str, shape: Shape) -> Path:
        return self.folder / f"{system}-{_name(shape)}.json"

    def _create_fixture(self, system: str, shape: Shape) -> dict[str, Any]:
        """Written to DynamoDB Local directly: a store proxy does not store what it responds to."""
        groups, members = shape[:2]
        users = shape[2] if len(shape) > 2 else groups * members
        print_line(f"  creating {users:,} users and {groups:,} group{'s'[: groups > 1]}")
        env, revision = {**os.environ, **self.engines, **our_settings(system, shape)}, self.revisions[system]
        revision.manage(["create_tables"], env)
        sizes = ["--users", str(users), "--groups", str(groups), "--members", str(members)]
        fixture: dict[str, Any] = json.loads(revision.manage(["fixture", *sizes], env))
        return fixture

    # --- processes ---------------------------------------------------------------------------------------------------
    def _store_proxy(self, processes: ProcessGroup, system: str, shape: Shape, store: str) -> StoreProxy:
        return self.start_store_proxy(processes, *([self._messages_table(system, shape)] if store == STUBBED else []))

    def _messages_table(self, system: str, shape: Shape) -> str:
        return _REFERENCE_TABLE if system == REFERENCE else f"{our_settings(system, shape)['NAMESPACE']}-Messages"

    def start_store_proxy(self, processes: ProcessGroup, *tables: str) -> StoreProxy:
        """Start a store proxy that responds to writes to these tables itself."""
        log = self.folder / "store-proxy.log"
        return start_store_proxy(processes, upstream=self.engines["DYNAMODB_URL"], tables=tables, log=log)

    def _start_ours(
        self, processes: ProcessGroup, system: str, shape: Shape, env: Mapping[str, str], cores: list[int]
    ) -> tuple[str, int]:
        listen = serve.Listen(LOCALHOST, free_port(), workers=1)
        env = {**env, **our_settings(system, shape), "PORT": str(listen.port)}
        revision, log = self.revisions[system], self.folder / f"{system}.log"
        command = pinned(revision.server_command(listen.host, listen.port), cores)
        child = processes.start(system, command, rank=SERVER, cwd=revision.root, env=env, log=log)
        serve.wait_until_it_answers(child, listen)
        return f"http://{LOCALHOST}:{listen.port}", child.process.pid

    def _start_reference(
        self, processes: ProcessGroup, system: str, shape: Shape, env: Mapping[str, str], cores: list[int]
    ) -> tuple[str, int]:
        port = free_port()
        env = {**env, "PORT": str(port), "TABLE": _REFERENCE_TABLE, "NODE_ENV": "production"}
        command, log = pinned([find_node(), "server.js"], cores), self.folder / "reference.log"
        child = processes.start(REFERENCE, command, rank=SERVER, cwd=REFERENCE_DIR, env=env, log=log)
        _wait_until_ready(child, f"http://{LOCALHOST}:{port}")
        return f"http://{LOCALHOST}:{port}", child.process.pid


def start_store_proxy(processes: ProcessGroup, *, upstream: str, tables: Sequence[str], log: Path) -> StoreProxy:
    """Start a store proxy that responds to writes to these tables itself; without tables it only counts requests."""
    port = free_port()
    env = {**os.environ, "PORT": str(port), "UPSTREAM": upstream, "TABLES": ",".join(tables)}
    env["LATENCY_MS"] = str(STORE_LATENCY_MS)
    child = processes.start(
        "store proxy", [find_node(), "store_proxy.js"], rank=ENGINE, cwd=REFERENCE_DIR, env=env, log=log
    )
    _wait_until_ready(child, f"http://{LOCALHOST}:{port}/counts")
    return StoreProxy(f"http://{LOCALHOST}:{port}")


def _require_writes(proxy: StoreProxy, table: str) -> None:
    """An older revision may use another table name: then its writes went to the emulator, and the run is invalid."""
    if not any(table in operation for operation in proxy.counts()):
        raise UserError(f"The older revision wrote nothing to {table}: it cannot be compared.")


def _wait_until_ready(child: Child, url: str) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while http_status(url) is None:
        if child.exit_code() is not None or time.monotonic() > deadline:
            raise UserError(f"The {child.name} does not respond.", *(tail(child.log) if child.log else ()))
        time.sleep(0.05)


def _cores(servers: int) -> list[list[int]]:
    """Return the cores of each server: its own one while there are enough."""
    cores = server_cores()
    return [[cores[number % len(cores)]] if cores else [] for number in range(servers)]


def _name(shape: Shape) -> str:
    return "x".join(map(str, shape))


def our_settings(system: str, shape: Shape) -> dict[str, str]:
    """As in production, without the developer's .env, and without rate limits: few users send all messages."""
    return {
        "NAMESPACE": f"bench-{system}-{_name(shape)}",
        "ENV_FILE": os.devnull,
        "SIGN_IN": "trial",
        **dict.fromkeys(("CLERK_ISSUER", "HOST"), ""),
        # Older revisions take an empty one as it is.
        "PUBLIC_URL": f"http://{LOCALHOST}",
        "DEBUG": "0",
        # Read by older revisions, which had no SIGN_IN.
        "ALLOW_LOCAL_ISSUER_IN_PRODUCTION": "1",
        "SECRET_KEY": "bench-" * 10,
        "ALLOWED_HOSTS": LOCALHOST,
        "RATE_LIMITS": "off",
        # For --against: older revisions know only this one.
        "MESSAGE_RATE": "0",
        **HEALTH_SETTINGS,
        "LOG_LEVEL": "WARNING",
    }
