"""A disk that can be full: a file system in memory, which only the processes that are started on it see."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.serving import ROOT

# Whoever is not root may mount where the kernel lets them have a namespace of users too.
_IS_ROOT = os.geteuid() == 0
_UNSHARE = ["unshare", "--mount", *([] if _IS_ROOT else ["--map-root-user"])]
_ENTER = [] if _IS_ROOT else ["--user", "--preserve-credentials"]


def can_mount() -> bool:
    """Whether this process may mount a file system of its own."""
    command = [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]  # noqa: S108 (seen by this command alone)
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@dataclass(frozen=True)
class SmallDisk:
    """Mounted at `folder` in a mount namespace that the process `holder` keeps."""

    folder: Path
    holder: int

    @property
    def within(self) -> list[str]:
        """The start of a command line that runs the rest of it on this disk."""
        return ["nsenter", "--target", str(self.holder), *_ENTER, "--mount", "--wd=."]

    def fill(self) -> None:
        """Take all space that is left."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1024 * 1024, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return Path(f"/proc/{self.holder}/root{self.folder}/ballast")


@asynccontextmanager
async def small_disk(folder: Path, *, megabytes: int) -> AsyncIterator[SmallDisk]:
    """Mount a disk of this size; it is gone with its last process."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    mount = f"mount -t tmpfs -o size={megabytes}m tmpfs '{folder}' && echo mounted && exec sleep infinity"
    # exec: the process keeps its id, so that it is the holder.
    command = (sys.executable, "-m", "bench.chaos.die_with_parent", str(os.getpid()), *_UNSHARE, "sh", "-c", mount)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        assert await process.stdout.readline() == b"mounted\n"
        yield SmallDisk(folder, process.pid)
    finally:
        process.kill()
        await process.wait()
