"""Child processes that end with their parent, and end in order: the server first, then the engines."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from bin.local.console import Stop, say

_PR_SET_PDEATHSIG = 1
# Ranks: the highest is stopped first.
ENGINE, SERVER = 0, 1


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    rank: int
    log: Path | None = None
    # How long it may take to end by itself.
    patience: float = 15

    def exit_code(self) -> int | None:
        return self.process.poll()

    def kill(self) -> None:
        """Kills the whole process group: a server that died leaves workers behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Family:
    """All the children of one command."""

    def __init__(self, inherit: Sequence[int] = (), on_change: Callable[[list[int]], None] | None = None) -> None:
        self.children: list[Child] = []
        # Open files that each child holds as long as it lives: the lock of the checkout.
        self._inherit = inherit
        self._on_change = on_change or (lambda pids: None)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        rank: int,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> Child:
        """Starts a child in a process group of its own, so that Ctrl-C reaches only us and the order is ours."""
        output = log.open("wb") if log else None
        try:
            process = spawn(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                process_group=0,
                pass_fds=self._inherit,
            )
        finally:
            if output:
                output.close()
        child = Child(name, process, rank, log)
        self.children.append(child)
        self._on_change([child.process.pid for child in self.children])
        return child

    def fallen(self) -> Child | None:
        return next((child for child in self.children if child.exit_code() is not None), None)

    def forget(self, child: Child) -> None:
        self.children.remove(child)

    def stop(self) -> None:
        """Ends rank after rank; a second Ctrl-C kills what is left."""
        with _impatient(self._kill_all):
            for rank in sorted({child.rank for child in self.children}, reverse=True):
                _end([child for child in self.children if child.rank == rank])
        self.children.clear()

    def _kill_all(self) -> None:
        for child in self.children:
            child.kill()


def spawn(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
    """Popen for a child that ends with us: the kernel sends it SIGTERM when we die, even by SIGKILL (Linux)."""
    # preexec_fn is unsafe beside other threads; these commands have none.
    return subprocess.Popen(command, preexec_fn=_end_with_parent(), **options)  # noqa: PLW1509


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before prctl was called
            os._exit(1)

    return arrange


def run_in_foreground(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> int:
    """Runs a command that owns the terminal: it gets Ctrl-C itself, and we outlive it to clean up."""
    process = spawn(command, cwd=cwd, env=env)
    with _signals_to({signal.SIGINT: lambda: None if sys.stdin.isatty() else process.send_signal(signal.SIGINT)}):
        try:
            return process.wait()
        except Stop:
            process.terminate()
            process.wait()
            raise


def _end(children: list[Child]) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            child.process.terminate()
    for child in children:
        deadline = time.monotonic() + child.patience
        while child.exit_code() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
        child.process.wait()


@contextmanager
def _impatient(kill: Callable[[], None]) -> Iterator[None]:
    """While things are stopping, another Ctrl-C or SIGTERM kills them."""

    def hurry() -> None:
        say("Stopping at once")
        kill()

    with _signals_to({signal.SIGINT: hurry, signal.SIGTERM: hurry, signal.SIGHUP: lambda: None}):
        yield


@contextmanager
def _signals_to(actions: Mapping[signal.Signals, Callable[[], object]]) -> Iterator[None]:
    def act(signum: int, frame: FrameType | None) -> None:
        actions[signal.Signals(signum)]()

    before = {signum: signal.signal(signum, act) for signum in actions}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
