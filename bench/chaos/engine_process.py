"""An engine of one's own, to kill and freeze: it comes back under the same address, with what it had on disk."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bin.local.engines import Engine, EngineOptions

from .managed_process import ManagedProcess, reusable_port


def engine_process(
    engine: Engine, folder: Path, *arguments: str, throwaway: bool = False, within: Sequence[str] = ()
) -> tuple[ManagedProcess, str]:
    """Return the engine's process, not started yet, and its URL; data and log go to a folder of its own in `folder`.

    `throwaway`: a kill loses all data, if the engine can keep it in memory. `arguments` are added to its command, which
    is started by the command `within`, if there is one.
    """
    port, data = reusable_port(), folder / engine.name.replace(" ", "-").lower()
    data.mkdir(parents=True, exist_ok=True)
    process = ManagedProcess(
        engine.name,
        [*within, *engine.command(EngineOptions(port, data, throwaway=throwaway, short_lived=True)), *arguments],
        environment=os.environ,
        is_ready=partial(engine.answers, port),
        log=data.with_suffix(".log"),
        cwd=engine.cwd,
    )
    return process, engine.url(port)
