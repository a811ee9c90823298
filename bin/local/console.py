"""What a person reads on the terminal, and how a command ends when something is wrong."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn


class Trouble(Exception):
    """Something a person has to mend: what happened, then what to do about it, line by line."""

    def __init__(self, what: str, *advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class Stop(BaseException):
    """Ctrl-C or a signal asked for the end; a BaseException, so that no handler of errors swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


def say(text: str = "") -> None:
    print(text, flush=True)


def complain(trouble: Trouble) -> None:
    lines = [f"\n✗ {trouble.what}", *(f"  {line}" if line else "" for line in trouble.advice)]
    print("\n".join(lines), file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 15) -> list[str]:
    """The end of a log, indented for display; empty when there is none."""
    if not log.is_file():
        return []
    return [f"  | {line[:300]}" for line in log.read_text(errors="replace").splitlines()[-lines:]]


def seconds_since(start: float) -> str:
    return f"{time.monotonic() - start:.1f} s"


def run_command(main: Callable[[list[str]], int]) -> NoReturn:
    """Runs a command's main; trouble is explained, never shown as a traceback."""
    stop_on_signals()
    try:
        code = main(sys.argv[1:])
    except Trouble as trouble:
        complain(trouble)
        code = 1
    except Stop as stop:
        code = 128 + stop.signum
    sys.exit(code)


def stop_on_signals() -> None:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise Stop(signum)

    # SIGHUP: the terminal was closed. Without a handler the engines would end in no order.
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
