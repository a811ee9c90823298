"""Starts the engines that a command needs and waits until they answer."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bin.local import addresses, docker
from bin.local.advice import USE_YOUR_OWN, engine_did_not_answer, engine_exited, read
from bin.local.checkout import DATA, LOGS, ROOT, make_private_folder
from bin.local.console import UserError, print_line, seconds_since
from bin.local.engines import ENGINES, MONGODB, Engine, EngineOptions, wheels_exist
from bin.local.lock import CheckoutLock
from bin.local.processes import ENGINE, Child, ProcessGroup
from bin.local.ready import free_port
from bin.local.system import mongod_runs


@dataclass(frozen=True)
class Home:
    """The folders of one set of engines, and how they are started (see `EngineOptions`)."""

    data: Path
    logs: Path
    throwaway: bool = False
    short_lived: bool = False


@dataclass
class Started:
    engine: Engine
    port: int
    child: Child


@contextmanager
def checkout_engines(lock: CheckoutLock, named: Mapping[str, str]) -> Iterator[tuple[ProcessGroup, dict[str, str]]]:
    """Runs the engines of this checkout; other programs find them through .engines/addresses.json meanwhile."""
    addresses.remove()  # left behind by a run that was killed
    processes = ProcessGroup(inherit=[lock.fd], on_change=lock.note_children)
    try:
        with engines(processes, Home(DATA, LOGS), named) as engine_addresses:
            addresses.write(engine_addresses)
            yield processes, engine_addresses
    finally:
        addresses.remove()
        processes.stop()


@contextmanager
def engines(processes: ProcessGroup, home: Home, named: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Starts the engines that are not named and yields all addresses by variable; `processes.stop()` stops them."""
    missing = [engine for engine in ENGINES if engine.variable not in named]
    make_private_folder(home.logs)
    if not missing:
        yield dict(named)
        return
    start = time.monotonic()
    print_line(f"Starting {', '.join(engine.name for engine in missing)}")
    if _wheels_run(missing):
        addresses = _start_here(processes, home, missing)
        print_line(f"  ready after {seconds_since(start)}")
        yield {**named, **addresses}
        return
    project = docker.project(f"-{os.getpid()}" if home.throwaway else "")
    try:
        addresses = _start_in_docker(processes, home, missing, project)
        print_line(f"  ready after {seconds_since(start)}, in Docker")
        yield {**named, **addresses}
    finally:
        if home.throwaway:
            processes.stop()
            docker.remove(project)


def _wheels_run(missing: Sequence[Engine]) -> bool:
    """Whether the wheels run here, else Docker is used; raises `UserError` when there is neither."""
    if wheels_exist() and (MONGODB not in missing or mongod_runs()):
        return True
    if docker.docker_works():
        return False
    if wheels_exist():
        return True  # mongod will exit, and its log says what is missing
    raise UserError(
        "The engines come as wheels for Linux x86-64 (glibc) or in Docker: this machine can run neither.",
        "Install Docker with its compose plugin and start it: bin/run then uses it.",
        "",
        *USE_YOUR_OWN,
    )


def _start_here(processes: ProcessGroup, home: Home, missing: Sequence[Engine]) -> dict[str, str]:
    started = [_start(processes, home, engine) for engine in missing]
    for index, one in enumerate(started):
        started[index] = _wait_until_it_answers(processes, home, one)
    return {one.engine.variable: one.engine.url(one.port) for one in started}


def _start(processes: ProcessGroup, home: Home, engine: Engine) -> Started:
    folder = make_private_folder(home.data / engine.name.lower())
    port = free_port()
    child = processes.start(
        engine.name,
        engine.command(EngineOptions(port, folder, home.throwaway, home.short_lived)),
        rank=ENGINE,
        cwd=engine.cwd or folder,
        log=home.logs / f"{engine.name.lower()}.log",
    )
    return Started(engine, port, child)


def _wait_until_it_answers(processes: ProcessGroup, home: Home, one: Started, attempts: int = 3) -> Started:
    """Tries another port when another program took the free port before the engine did."""
    log = home.logs / f"{one.engine.name.lower()}.log"
    deadline = time.monotonic() + one.engine.start_timeout
    while not one.engine.answers(one.port):
        if (code := one.child.exit_code()) is not None:
            if attempts > 1 and "address already in use" in read(log).lower():
                processes.discard(one.child)
                return _wait_until_it_answers(processes, home, _start(processes, home, one.engine), attempts - 1)
            raise engine_exited(one.engine, code, log)
        if time.monotonic() > deadline:
            raise engine_did_not_answer(one.engine, one.engine.start_timeout, log)
        time.sleep(0.03)
    return one


def _start_in_docker(processes: ProcessGroup, home: Home, missing: Sequence[Engine], project: str) -> dict[str, str]:
    ports = {engine.name: free_port() for engine in missing}
    log = home.logs / "docker.log"
    child = processes.start(
        "docker compose",
        docker.up(project, missing),
        rank=ENGINE,
        cwd=ROOT,
        env={**os.environ, **docker.port_variables(ports)},
        log=log,
    )
    print_line("  in Docker; the first time it downloads the images, which takes minutes")
    for engine in missing:
        _wait_until_container_answers(engine, ports[engine.name], child, log)
    return {engine.variable: engine.url(ports[engine.name]) for engine in missing}


def _wait_until_container_answers(engine: Engine, port: int, child: Child, log: Path, timeout: float = 900) -> None:
    deadline = time.monotonic() + timeout
    while not engine.answers(port):
        if (code := child.exit_code()) is not None:
            raise engine_exited(engine, code, log)
        if time.monotonic() > deadline:
            raise engine_did_not_answer(engine, timeout, log)
        time.sleep(0.2)
