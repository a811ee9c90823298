"""A server for the tests of the pages, shared by all that need no settings of their own."""

from collections.abc import Iterator

import pytest

from .serving import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("web") / "server.log")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()
