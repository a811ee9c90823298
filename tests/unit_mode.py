"""`--unit`: runs the tests that are marked `unit`, without any engine. A test that connects to one fails at once.

A unit test is a test in a module that says

    pytestmark = pytest.mark.unit

It may use everything that needs no engine and no process of its own; `tests/log_in_memory.py` stands in for a group's
log. `bin/test --unit` runs them all, `bin/test --unit tests/realtime/test_room.py` those of one file.
"""

import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from bin.local.engines import NO_ENGINES, UNUSED_PORTS

# Seconds for one test; far less than this on an idle machine.
_TIMEOUT = 300
_connect = socket.socket.connect
# The engines that the present test has tried to reach; code under test may have caught the error.
_tried: list[str] = []


class EngineUsed(Exception):
    """Not an `OSError`, so that nothing tries again."""


def _refuse_engines(own: socket.socket, address: object) -> None:
    engine = UNUSED_PORTS.get(address[1]) if isinstance(address, tuple) else None
    if engine:
        _tried.append(engine.name)
        raise EngineUsed(_refusal())
    _connect(own, address)  # type: ignore[arg-type] # passed on unchanged


def _refusal() -> str:
    return f"a unit test tried to connect to {', '.join(sorted(set(_tried)))} (see tests/unit_mode.py)"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="run the tests marked `unit`, without engines")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Runs before Django's settings are read, which want addresses."""
    if early_config.known_args_namespace.unit:
        os.environ.update(NO_ENGINES)
        socket.socket.connect = _refuse_engines  # type: ignore[assignment,method-assign]
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.unit:
        chosen = config.option.markexpr
        config.option.markexpr = f"unit and ({chosen})" if chosen else "unit"
        config.option.timeout = config.option.timeout or _TIMEOUT


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Loading all the other tests would take as long as running these."""
    if not config.option.unit or not collection_path.is_file():
        return None
    return collection_path.suffix != ".py" or "pytest.mark.unit" not in collection_path.read_text() or None


@pytest.fixture(autouse=True)
def _no_engine_used() -> Iterator[None]:
    _tried.clear()
    yield
    if _tried:
        pytest.fail(_refusal())
