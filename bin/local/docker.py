"""Engines in containers, for machines without wheels for them: macOS, ARM, or a C library too old for mongod."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence

from bin.local.checkout import ROOT
from bin.local.engines import Engine

COMPOSE_FILE = ROOT / "bin" / "compose.yml"


def docker_works() -> bool:
    """The compose plugin is there and the daemon answers."""
    if not shutil.which("docker"):
        return False
    asked = (["docker", "compose", "version"], ["docker", "info"])
    return all(subprocess.run(command, capture_output=True, check=False).returncode == 0 for command in asked)


def project(suffix: str = "") -> str:
    """The compose project's name: each checkout on a machine has its own containers and volumes."""
    return f"chatproject-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}{suffix}"


def compose(name: str, *arguments: str) -> list[str]:
    return ["docker", "compose", "-p", name, "-f", str(COMPOSE_FILE), *arguments]


def up(name: str, engines: Sequence[Engine]) -> list[str]:
    """In the foreground, so that SIGTERM stops the containers as it stops any other engine."""
    return compose(name, "up", "--no-color", *(engine.name.lower() for engine in engines))


def port_variables(ports: dict[str, int]) -> dict[str, str]:
    """{"Redis": 1234} as compose.yml reads it: {"REDIS_PORT": "1234"}."""
    return {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}


def remove(name: str) -> None:
    """Removes the containers and their data."""
    subprocess.run(compose(name, "down", "--volumes"), capture_output=True, check=False)
