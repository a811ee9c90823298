"""Child processes that end when their parent does, and are stopped in order: the server first, then the engines."""

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

from bin.local.console import Stop, print_line

_PR_SET_PDEATHSIG = 1
# Ranks: children with the highest are stopped first.
ENGINE, SERVER = 0, 1


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    rank: int
    log: Path | None = None
    # Seconds that it has to end after SIGTERM, before it is killed.
    stop_timeout: float = 15

    def exit_code(self) -> int | None:
        return self.process.poll()

    def kill(self) -> None:
        """Kills its whole process group: a server that has died may have left workers behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class ProcessGroup:
    """The child processes of one command."""

    def __init__(self, inherit: Sequence[int] = (), on_change: Callable[[list[int]], None] | None = None) -> None:
        self.children: list[Child] = []
        # File descriptors that each child keeps open while it lives: the lock of the checkout.
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
        """Starts a child in its own process group: Ctrl-C then reaches only us, and we stop the children in order."""
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

    def first_exited(self) -> Child | None:
        """A child that has ended by itself, if there is one."""
        return next((child for child in self.children if child.exit_code() is not None), None)

    def discard(self, child: Child) -> None:
        self.children.remove(child)

    def stop(self) -> None:
        """Stops rank after rank; another signal meanwhile kills those that are left."""
        with _signal_kills(self._kill_all):
            for rank in sorted({child.rank for child in self.children}, reverse=True):
                _stop([child for child in self.children if child.rank == rank])
        self.children.clear()

    def _kill_all(self) -> None:
        for child in self.children:
            child.kill()


def spawn(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
    """Popen for a child that ends with us: on Linux the kernel sends it SIGTERM when we die, even by SIGKILL."""
    # preexec_fn is unsafe while another thread holds a lock; no other thread runs when these commands start a process.
    return subprocess.Popen(command, preexec_fn=_end_with_parent(), **options)  # noqa: PLW1509


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def set_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the call of prctl
            os._exit(1)

    return set_death_signal


def run_in_foreground(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> int:
    """Runs a command that the terminal sends Ctrl-C to; we go on after it ends, to clean up."""
    return _run(command, env, cwd, _pass_on_interrupt)


def _pass_on_interrupt(process: subprocess.Popen[bytes]) -> None:
    if not sys.stdin.isatty():
        process.send_signal(signal.SIGINT)


def _run(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    cwd: Path,
    on_interrupt: Callable[[subprocess.Popen[bytes]], None],
) -> int:
    process = spawn(command, cwd=cwd, env=env)
    with _handling_signals({signal.SIGINT: lambda: on_interrupt(process)}):
        try:
            return process.wait()
        except Stop:
            process.terminate()
            process.wait()
            raise


def run_step(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> int:
    """As `run_in_foreground`, for a command after which others follow: raises `Stop` when Ctrl-C ended it."""
    interrupted = False

    def note(process: subprocess.Popen[bytes]) -> None:
        nonlocal interrupted
        interrupted = True
        _pass_on_interrupt(process)

    code = _run(command, env, cwd, note)
    if interrupted:
        raise Stop(signal.SIGINT)
    return code


def _stop(children: list[Child]) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            child.process.terminate()
    for child in children:
        deadline = time.monotonic() + child.stop_timeout
        while child.exit_code() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
        child.process.wait()


@contextmanager
def _signal_kills(kill: Callable[[], None]) -> Iterator[None]:
    """Calls `kill` at another Ctrl-C or SIGTERM while the children are being stopped."""

    def kill_now() -> None:
        print_line("Stopping at once")
        kill()

    with _handling_signals({signal.SIGINT: kill_now, signal.SIGTERM: kill_now, signal.SIGHUP: lambda: None}):
        yield


@contextmanager
def _handling_signals(actions: Mapping[signal.Signals, Callable[[], object]]) -> Iterator[None]:
    def handle(signum: int, frame: FrameType | None) -> None:
        actions[signal.Signals(signum)]()

    before = {signum: signal.signal(signum, handle) for signum in actions}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
