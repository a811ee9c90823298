"""The lock of .engines: one owner at a time. It is an flock, so a crash cannot leave a stale one."""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bin.local.checkout import LOCK, make_private_folder
from bin.local.console import UserError, print_line


@dataclass(frozen=True)
class Owner:
    pid: int
    command: str
    children: list[int]

    def is_alive(self) -> bool:
        return _exists(self.pid)


class CheckoutLock:
    """Held by a command and, through the inherited file, by every engine it started: free means that nothing runs."""

    def __init__(self, command: str, path: Path = LOCK) -> None:
        self._command = command
        make_private_folder(path.parent)
        self._file = path.open("a+")
        self._borrowed = path.with_name("borrowed").open("a")

    @property
    def fd(self) -> int:
        return self._file.fileno()

    def take(self) -> Owner | None:
        """Returns None when it is ours now, else the owner. Waits for engines whose owner was killed."""
        deadline = time.monotonic() + 30
        announced = False
        while not self._try():
            owner = self.owner()
            if owner is None or owner.is_alive():
                return owner or Owner(0, "another command", [])
            if time.monotonic() > deadline:
                raise _engines_still_running(owner)
            if not announced:
                print_line("An earlier run was killed; waiting until its engines have stopped")
                announced = True
            time.sleep(0.1)
        self.note_children([])
        return None

    def owner(self) -> Owner | None:
        self._file.seek(0)
        try:
            return Owner(**json.loads(self._file.read()))
        except (ValueError, TypeError):  # it is being written
            return None

    def note_children(self, pids: list[int]) -> None:
        text = json.dumps({"pid": os.getpid(), "command": self._command, "children": pids})
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def release(self) -> None:
        self._file.close()
        self._borrowed.close()

    def borrow(self) -> None:
        """Marks that we use the owner's engines, until `give_back` or the end of this process."""
        fcntl.flock(self._borrowed, fcntl.LOCK_SH)

    def give_back(self) -> None:
        fcntl.flock(self._borrowed, fcntl.LOCK_UN)

    def wait_for_borrowers(self) -> None:
        """Waits until no other command uses our engines; for short commands (bin/run stops without waiting)."""
        fcntl.flock(self._borrowed, fcntl.LOCK_EX)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _engines_still_running(owner: Owner) -> UserError:
    pids = " ".join(str(pid) for pid in owner.children if _exists(pid))
    return UserError(
        "Engines of an earlier run, which was killed, do not stop.",
        f"End them: kill -9 {pids}" if pids else "End the processes that use .engines/lock (fuser .engines/lock).",
    )
