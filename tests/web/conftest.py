"""What tests of the pages share: a server for all that need no settings of their own, and a store that fails."""

from collections.abc import Iterator

import pytest

from .serving import Server
from .unresponsive_store import UnresponsiveStore


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("web") / "server.log")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def unresponsive_store(monkeypatch: pytest.MonkeyPatch) -> UnresponsiveStore:
    return UnresponsiveStore(monkeypatch)
