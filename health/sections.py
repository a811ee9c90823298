"""The sections of a report: how a process finds its own, and what those of several processes are together.

A further section is one more line of `SECTIONS`, with a shape in `serializers.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from dynamodb import store
from files import storage
from foundation.counters import WINDOWS, due, errors, outbox, sockets, uptime
from foundation.loop_lag import loop_lag
from foundation.pools import PoolFigures, redis_figures, sum_pools
from realtime.hub.hub import get_hub
from realtime.hub.summary import LARGEST, HubSummary

from .engines import own_engines
from .memory import resident_bytes
from .probes import probes
from .states import combined

# What one process says of itself, by section; all of it is JSON.
Part = dict[str, Any]

TRANSPORTS = ("websocket", "polling", "json")
_SUMMED_SOCKETS = ("connections", "users", "opened", "resumed", "gapsFound", "gapsHealed", "resumeReads")
_POOLS: dict[str, Callable[[], PoolFigures]] = {
    "dynamodb": store.pool_figures,
    "mongodb": storage.pool_figures,
    "redis": redis_figures,
}


# --- the server ------------------------------------------------------------------------------------------------------
async def _server(hub: HubSummary) -> Part:
    return {"version": settings.VERSION, "uptime": uptime(), **probes().states}


def _merge_servers(parts: Sequence[Part]) -> Part:
    return {
        "version": ", ".join(sorted({part["version"] for part in parts})),
        "uptime": max(part["uptime"] for part in parts),
        "http": combined(part["http"] for part in parts),
        "websocket": combined(part["websocket"] for part in parts),
    }


# --- databases -------------------------------------------------------------------------------------------------------
async def _databases(hub: HubSummary) -> Part:
    figures = await asyncio.gather(*(engine.figures() for engine in own_engines.values()))
    return {name: {**found, "pool": asdict(_POOLS[name]())} for name, found in zip(own_engines, figures, strict=True)}


def _merge_databases(parts: Sequence[Part]) -> Part:
    return {name: _merge_engines([part[name] for part in parts]) for name in own_engines}


def _merge_engines(parts: Sequence[Part]) -> Part:
    last = max(parts, key=lambda part: part.get("lastErrorAt", ""))
    return {
        "status": combined(part["status"] for part in parts),
        "latencyMs": max(part["latencyMs"] for part in parts),
        **{name: last[name] for name in ("lastError", "lastErrorAt") if name in last},
        "pool": asdict(sum_pools(PoolFigures(**part["pool"]) for part in parts)),
    }


# --- rooms and sockets -----------------------------------------------------------------------------------------------
async def _rooms(hub: HubSummary) -> Part:
    largest = [{"groupId": name, "connections": connections} for name, connections in hub.largest]
    return {"count": hub.rooms, "connections": hub.room_connections, "largest": largest}


def _merge_rooms(parts: Sequence[Part]) -> Part:
    sizes: Counter[str] = Counter()
    for part in parts:
        sizes.update({room["groupId"]: room["connections"] for room in part["largest"]})
    return {
        "count": sum(part["count"] for part in parts),
        "connections": sum(part["connections"] for part in parts),
        "largest": [{"groupId": name, "connections": size} for name, size in sizes.most_common(LARGEST)],
    }


async def _sockets(hub: HubSummary) -> Part:
    return {
        "connections": hub.connections,
        "users": hub.users,
        "byTransport": {transport: hub.by_transport[transport] for transport in TRANSPORTS},
        "opened": sockets.opened,
        "closedByReason": dict(sockets.closed),
        "resumed": sockets.resumed,
        "gapsFound": sockets.gaps_found,
        "gapsHealed": sockets.gaps_healed,
        "resumeReads": hub.resume_reads,
    }


def _merge_sockets(parts: Sequence[Part]) -> Part:
    return {
        **{name: sum(part[name] for part in parts) for name in _SUMMED_SOCKETS},
        "byTransport": _summed([part["byTransport"] for part in parts]),
        "closedByReason": _summed([part["closedByReason"] for part in parts]),
    }


# --- memory, errors, the event loop ----------------------------------------------------------------------------------
async def _memory(hub: HubSummary) -> Part:
    return {"rss": resident_bytes()}


def _merge_memory(parts: Sequence[Part]) -> Part:
    return {"rss": sum(part["rss"] for part in parts)}


async def _errors(hub: HubSummary) -> Part:
    return {name: _rates(seconds, errors.within(seconds)) for name, seconds in WINDOWS.items()}


def _merge_errors(parts: Sequence[Part]) -> Part:
    return {
        name: _rates(seconds, _summed([part[name]["byCode"] for part in parts])) for name, seconds in WINDOWS.items()
    }


def _rates(seconds: int, counts: dict[str, int]) -> Part:
    return {"perSecond": round(sum(counts.values()) / seconds, 3), "byCode": dict(counts)}


async def _event_loop(hub: HubSummary) -> Part:
    lag = loop_lag()
    return {"lagP50Ms": lag.percentile_ms(50), "lagP99Ms": lag.percentile_ms(99)}


def _merge_event_loops(parts: Sequence[Part]) -> Part:
    """Return the figures of the slowest loop: a mean would hide it."""
    return {name: max(part[name] for part in parts) for name in ("lagP50Ms", "lagP99Ms")}


# --- what is due at a time -------------------------------------------------------------------------------------------
async def _due(hub: HubSummary) -> Part:
    late = round(due.late, 3)
    return {"waiting": due.waiting, "late": late, "done": due.done, "failed": due.failed, "setAside": due.set_aside}


def _merge_due(parts: Sequence[Part]) -> Part:
    """Sum what each process has done; of what waits, all look at the same."""
    summed = {name: sum(part[name] for part in parts) for name in ("done", "failed")}
    return {**{name: max(part[name] for part in parts) for name in ("waiting", "late", "setAside")}, **summed}


# --- what people are told while they are away -----------------------------------------------------------------------
async def _outbox(hub: HubSummary) -> Part:
    waiting, late = zip(*outbox.waiting.values(), strict=True) if outbox.waiting else ((), ())
    return {
        "waiting": sum(waiting),
        "late": round(max(late, default=0.0), 3),
        "underWay": outbox.under_way,
        "sent": outbox.sent,
        "failed": outbox.failed,
        "givenUp": outbox.given_up,
    }


def _merge_outboxes(parts: Sequence[Part]) -> Part:
    """Sum what each process does; of what waits, all look at the same."""
    summed = {name: sum(part[name] for part in parts) for name in ("underWay", "sent", "failed", "givenUp")}
    return {**{name: max(part[name] for part in parts) for name in ("waiting", "late")}, **summed}


def _summed(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


@dataclass(frozen=True, slots=True)
class Section:
    """`find` returns this process's own part; `merge` one for all processes, of one part at least."""

    find: Callable[[HubSummary], Awaitable[Part]]
    merge: Callable[[Sequence[Part]], Part]


SECTIONS = {
    "server": Section(_server, _merge_servers),
    "databases": Section(_databases, _merge_databases),
    "rooms": Section(_rooms, _merge_rooms),
    "sockets": Section(_sockets, _merge_sockets),
    "memory": Section(_memory, _merge_memory),
    "errors": Section(_errors, _merge_errors),
    "eventLoop": Section(_event_loop, _merge_event_loops),
    "due": Section(_due, _merge_due),
    "outbox": Section(_outbox, _merge_outboxes),
}


async def find_sections() -> dict[str, Part]:
    """Return this process's sections; its engines are checked, within `CHECK_SECONDS`."""
    hub = get_hub().summary()
    return {name: await section.find(hub) for name, section in SECTIONS.items()}


def merge_sections(processes: Sequence[dict[str, Part]]) -> dict[str, Part]:
    """Return the sections of several processes together; one of an older version may lack some."""
    return {
        name: section.merge([process[name] for process in processes if name in process])
        for name, section in SECTIONS.items()
    }
