"""Starts the engines that a command needs and waits until they answer."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bin.local import addresses, docker
from bin.local.advice import NAME_YOUR_OWN, died, no_answer, read
from bin.local.checkout import DATA, LOGS, ROOT, make_private_folder
from bin.local.console import Trouble, say, seconds_since
from bin.local.engines import ENGINES, MONGODB, Engine, Place, wheels_exist
from bin.local.lock import CheckoutLock
from bin.local.processes import ENGINE, Child, Family
from bin.local.ready import free_port
from bin.local.system import mongod_runs


@dataclass(frozen=True)
class Home:
    """The folders of one set of engines: the checkout's own, or a temporary one whose data is thrown away.

    Engines that are `brief` live for some minutes: they start sooner, and never get as fast as they could.
    """

    data: Path
    logs: Path
    throwaway: bool = False
    brief: bool = False


@dataclass
class Started:
    engine: Engine
    port: int
    child: Child


@contextmanager
def checkout_engines(lock: CheckoutLock, named: Mapping[str, str]) -> Iterator[tuple[Family, dict[str, str]]]:
    """The engines of this checkout, with their addresses published for what is started beside them."""
    addresses.remove()  # a killed run leaves its own
    family = Family(inherit=[lock.fd], on_change=lock.note_children)
    try:
        with engines(family, Home(DATA, LOGS), named) as found:
            addresses.write(found)
            yield family, found
    finally:
        addresses.remove()
        family.stop()


@contextmanager
def engines(family: Family, home: Home, named: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Starts the engines that nobody named and gives all addresses, by variable; the family stops them."""
    missing = [engine for engine in ENGINES if engine.variable not in named]
    make_private_folder(home.logs)
    if not missing:
        yield dict(named)
        return
    start = time.monotonic()
    say(f"Starting {', '.join(engine.name for engine in missing)}")
    if _wheels_run(missing):
        addresses = _start_here(family, home, missing)
        say(f"  they answer after {seconds_since(start)}")
        yield {**named, **addresses}
        return
    project = docker.project(f"-{os.getpid()}" if home.throwaway else "")
    try:
        addresses = _start_in_docker(family, home, missing, project)
        say(f"  they answer after {seconds_since(start)}, in Docker")
        yield {**named, **addresses}
    finally:
        if home.throwaway:
            family.stop()
            docker.remove(project)


def _wheels_run(missing: Sequence[Engine]) -> bool:
    """False: use Docker. Trouble: nothing carries them here."""
    if wheels_exist() and (MONGODB not in missing or mongod_runs()):
        return True
    if docker.docker_works():
        return False
    if wheels_exist():
        return True  # mongod dies, and its log tells what is missing
    raise Trouble(
        "The engines come as Linux x86-64 wheels (glibc), and this machine is something else, without Docker.",
        "Install Docker with its compose plugin and start it: then it is used by itself.",
        "",
        *NAME_YOUR_OWN,
    )


def _start_here(family: Family, home: Home, missing: Sequence[Engine]) -> dict[str, str]:
    started = [_start(family, home, engine) for engine in missing]
    for index, one in enumerate(started):
        started[index] = _until_it_answers(family, home, one)
    return {one.engine.variable: one.engine.url(one.port) for one in started}


def _start(family: Family, home: Home, engine: Engine) -> Started:
    folder = make_private_folder(home.data / engine.name.lower())
    port = free_port()
    child = family.start(
        engine.name,
        engine.command(Place(port, folder, home.throwaway, home.brief)),
        rank=ENGINE,
        cwd=engine.cwd or folder,
        log=home.logs / f"{engine.name.lower()}.log",
    )
    return Started(engine, port, child)


def _until_it_answers(family: Family, home: Home, one: Started, attempts: int = 3) -> Started:
    """Another program may take the free port before the engine does: then it gets another one."""
    log = home.logs / f"{one.engine.name.lower()}.log"
    deadline = time.monotonic() + one.engine.patience
    while not one.engine.answers(one.port):
        if (code := one.child.exit_code()) is not None:
            if attempts > 1 and "address already in use" in read(log).lower():
                family.forget(one.child)
                return _until_it_answers(family, home, _start(family, home, one.engine), attempts - 1)
            raise died(one.engine, code, log)
        if time.monotonic() > deadline:
            raise no_answer(one.engine, one.engine.patience, log)
        time.sleep(0.03)
    return one


def _start_in_docker(family: Family, home: Home, missing: Sequence[Engine], project: str) -> dict[str, str]:
    ports = {engine.name: free_port() for engine in missing}
    log = home.logs / "docker.log"
    child = family.start(
        "docker compose",
        docker.up(project, missing),
        rank=ENGINE,
        cwd=ROOT,
        env={**os.environ, **docker.port_variables(ports)},
        log=log,
    )
    say("  in Docker; the first time it fetches the images, which takes minutes")
    for engine in missing:
        _until_container_answers(engine, ports[engine.name], child, log)
    return {engine.variable: engine.url(ports[engine.name]) for engine in missing}


def _until_container_answers(engine: Engine, port: int, child: Child, log: Path, patience: float = 900) -> None:
    deadline = time.monotonic() + patience
    while not engine.answers(port):
        if (code := child.exit_code()) is not None:
            raise died(engine, code, log)
        if time.monotonic() > deadline:
            raise no_answer(engine, patience, log)
        time.sleep(0.2)
