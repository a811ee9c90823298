"""One process of the stage: started, killed, and started again under the same address."""

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
_PATIENCE = 90.0
# Below the ports that the kernel gives to outgoing connections: one of them could take it while the process is dead.
_PORTS = range(20_000, 32_000)


def lasting_port() -> int:
    """Return a free port that stays free for a process to come back to."""
    while True:
        port = random.choice(_PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((LOCALHOST, port))
            return port


class Part:
    """Signals go to the one process that was started here, and to nothing else."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        answers: Callable[[], bool],
        log: Path,
    ) -> None:
        self.name = name
        self._command = [str(word) for word in command]
        self._environment, self._answers, self._log = environment, answers, log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and return when it answers; raises `RuntimeError` when it does not in time."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._process is None or self._process.returncode is not None:
                self._process = await self._spawn()
            if await asyncio.to_thread(self._answers):
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer; its log ends:\n{self.last_words()}")

    async def _spawn(self) -> asyncio.subprocess.Process:
        tied = (sys.executable, "-m", "bench.chaos.tied", str(os.getpid()))
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *tied,
                *self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for us alone
            )

    async def kill(self) -> None:
        """End it as a power cut does."""
        self._signal(signal.SIGKILL)
        if self._process:
            await self._process.wait()

    async def terminate(self) -> None:
        """Ask it to end, as for an update."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                if self._process:
                    await self._process.wait()
        await self.kill()

    def freeze(self) -> None:
        """Stop it where it is: its connections stay open, and nobody answers on them."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-20:])
