"""Notes administrative acts of apps that lie below the audit log, which registers itself here."""

from collections.abc import Awaitable, Callable
from typing import Any

# Takes what `workspace.audit.record` takes.
Recorder = Callable[..., Awaitable[None]]
_recorders: list[Recorder] = []


def register(recorder: Recorder) -> None:
    if recorder not in _recorders:
        _recorders.append(recorder)


async def record(act: str, /, *, by: str, **about: Any) -> None:
    """Note an administrative act that has been done; raises nothing."""
    for recorder in _recorders:
        await recorder(act, by=by, **about)
