"""Output on the terminal, and how a command ends: normally, on a signal, or with an error for the user."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn


class UserError(Exception):
    """An error that the user can fix: what happened, then what to do about it, line by line."""

    def __init__(self, problem: str, *advice: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


class Stop(BaseException):
    """Ctrl-C or another signal ends the command; a BaseException, so that no `except Exception` catches it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


def print_line(text: str = "") -> None:
    print(text, flush=True)


def print_error(error: UserError) -> None:
    lines = [f"\n✗ {error.problem}", *(f"  {line}" if line else "" for line in error.advice)]
    print("\n".join(lines), file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 15) -> list[str]:
    """The last lines of a log, indented; empty when there is no log."""
    if not log.is_file():
        return []
    return [f"  | {line[:300]}" for line in log.read_text(errors="replace").splitlines()[-lines:]]


def seconds_since(start: float) -> str:
    return f"{time.monotonic() - start:.1f} s"


def run_command(main: Callable[[list[str]], int]) -> NoReturn:
    """Runs a command's main and exits with its code; a `UserError` is printed without a traceback."""
    stop_on_signals()
    try:
        code = main(sys.argv[1:])
    except UserError as error:
        print_error(error)
        code = 1
    except Stop as stop:
        code = 128 + stop.signum
    sys.exit(code)


def stop_on_signals() -> None:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise Stop(signum)

    # SIGHUP: the terminal was closed. Without a handler we would die at once and could not stop the server first.
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
