"""A child process that can be killed, frozen, and started again under the same address."""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bin.local.ready import LOCALHOST

ROOT = Path(__file__).resolve().parent.parent.parent
# Generous: a busy machine with two cores may start three servers at once.
_START_TIMEOUT = 90.0
# Below the kernel's range for outgoing connections: one of them could take the port while the process is down.
_PORTS = range(20_000, 32_000)


def reusable_port() -> int:
    """Return a free port that a process can bind again after a restart."""
    while True:
        port = random.choice(_PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((LOCALHOST, port))
            return port


class ManagedProcess:
    """Runs `command`; `is_ready` says whether it serves, and its output is appended to `log`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        is_ready: Callable[[], bool],
        log: Path,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self._command = [str(word) for word in command]
        # The wrapper is a module of this checkout, wherever the command runs.
        self._environment = {**environment, "PYTHONPATH": str(ROOT)}
        self._is_ready, self._log, self._cwd = is_ready, log, cwd or ROOT
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready; raises `RuntimeError` after 90 s."""
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process is None or self._process.returncode is not None:
                self._process = await self._spawn()
            if await asyncio.to_thread(self._is_ready):
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"{self.name} does not respond; its log ends with:\n{self.log_tail()}")

    async def _spawn(self) -> asyncio.subprocess.Process:
        wrapper = (sys.executable, "-m", "bench.chaos.die_with_parent", str(os.getpid()))
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *wrapper,
                *self._command,
                cwd=self._cwd,
                env=self._environment,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C must reach this process only, which stops its children itself
            )

    async def wait(self) -> int:
        """Return the exit code when it has ended, however that came; that it is started again meanwhile is not seen."""
        return await self._process.wait() if self._process else 0

    async def kill(self) -> None:
        """Send SIGKILL, as a power cut would end it."""
        self._signal(signal.SIGKILL)
        if self._process:
            await self._process.wait()

    async def terminate(self) -> None:
        """Send SIGTERM, as a deployment does, and SIGKILL after 30 s."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                if self._process:
                    await self._process.wait()
        await self.kill()

    def freeze(self) -> None:
        """Send SIGSTOP: connections stay open and get no response."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def log_tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-20:])
