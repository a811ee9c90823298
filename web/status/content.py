"""What the status page shows: the health report, in words and in the units that people read."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.counters import WINDOWS
from foundation.errors import AppError
from health.reports import Report
from health.states import OK
from web import clerk
from web.shell import problem_of

from .charts import Chart, Point, Series, draw_chart

_NAMES = {
    "http": "HTTP",
    "websocket": "WebSockets",
    "dynamodb": "DynamoDB",
    "mongodb": "MongoDB",
    "redis": "Redis",
    "json": "JSON over WebSocket",
    "polling": "Polling",
}
_TRANSPORTS = {"websocket": "Socket.IO over WebSocket", "polling": "Socket.IO, polling", "json": "JSON"}
_REASONS = {
    "client": _("the client left"),
    "lost": _("connection lost"),
    "timeout": _("no answer to a ping"),
    "too_slow": _("did not read"),
    "protocol": _("broke the protocol"),
    "session_over": _("session over"),
    "unavailable": _("could not be served"),
    "failed": _("a bug"),
    "shutdown": _("a process ended"),
    "other": _("other reasons"),
}
_HEADLINES = {
    OK: _("Everything works"),
    "degraded": _("It serves, but not everything works"),
    "down": _("It cannot serve"),
}
_MEGABYTE = 1024**2


def locked_context(report: Report, *, problem: AppError, is_signed_in: bool) -> dict[str, Any]:
    """Return the context of the page that shows the states alone."""
    wire = report.as_wire(figures=False)
    return {
        "headline": _HEADLINES[wire["status"]],
        "status": wire["status"],
        "parts": _parts(wire),
        "problem": problem_of(problem),
        "is_signed_in": is_signed_in,
        "takes_token": bool(settings.HEALTH_TOKEN),
    }


def status_context(report: Report, history: Sequence[Point], *, has_pass: bool) -> dict[str, Any]:
    """Return the template's context; `history` has the oldest point first."""
    wire = report.as_wire(figures=True)
    now = time.time()
    return {
        "headline": _HEADLINES[wire["status"]],
        "status": wire["status"],
        "made_at": datetime.fromtimestamp(now, UTC),
        "interval": settings.HEALTH_INTERVAL,
        "version": wire["server"]["version"],
        "uptime": duration(wire["server"]["uptime"]),
        "parts": _parts(wire),
        "charts": _charts(history, now),
        "sockets": _sockets(wire["sockets"], processes=len(wire["workers"])),
        "transports": _counts(wire["sockets"]["byTransport"], _TRANSPORTS),
        "closed": _counts(wire["sockets"]["closedByReason"], _REASONS),
        "errors": _errors(wire["errors"]),
        "windows": list(WINDOWS),
        "rooms": wire["rooms"],
        "timed": _timed(wire["due"]),
        "outbox": _outbox(wire["outbox"]),
        "followers": [_follower(follower) for follower in wire["followers"]],
        "workers": [_worker(worker) for worker in wire["workers"]],
        "has_pass": has_pass,
        "clerk": clerk.context(),
    }


def _parts(wire: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts that work or do not, each with its figures, if these are in the report."""
    server = [{"name": _NAMES[name], "status": wire["server"][name]} for name in ("http", "websocket")]
    return [*server, *(_engine(_NAMES[name], engine) for name, engine in wire["databases"].items())]


def _engine(name: str, engine: Mapping[str, Any]) -> dict[str, Any]:
    latency = {"latency": _milliseconds(engine["latencyMs"])} if "latencyMs" in engine else {}
    last = engine.get("lastErrorAt", "").replace("T", ", ").replace("Z", " UTC")
    return {**engine, "name": name, **latency, "lastErrorAt": last}


def _charts(history: Sequence[Point], now: float) -> list[Chart]:
    def chart(title: str, series: list[Series], written: Any, floor: float = 1.0) -> Chart:
        return draw_chart(title, history, series, written, now=now, floor=floor)

    return [
        chart(gettext("Connections"), [Series("", lambda point: point["connections"])], _number),
        chart(gettext("Rooms"), [Series("", lambda point: point["rooms"])], _number),
        chart(gettext("Errors a second"), [Series("", lambda point: point["errors"])], _decimal),
        chart(gettext("Event loop, lag p99"), [Series("", lambda point: point["lag"])], _milliseconds, 10.0),
        chart(gettext("Memory"), [Series("", lambda point: point["rss"] / _MEGABYTE)], _megabytes),
        chart(gettext("Databases, time of a check"), [_latency(name) for name in _LATENCIES], _milliseconds, 10.0),
    ]


def _latency(engine: str) -> Series:
    return Series(_NAMES[engine], lambda point: point["latency"][engine])


_LATENCIES = ("dynamodb", "mongodb", "redis")


def _sockets(sockets: Mapping[str, Any], *, processes: int) -> list[tuple[str, str]]:
    return [
        (gettext("Connections"), _number(sockets["connections"])),
        (gettext("People") if processes == 1 else gettext("People, in each process"), _number(sockets["users"])),
        (gettext("Opened"), _number(sockets["opened"])),
        (gettext("Came back and resumed"), _number(sockets["resumed"])),
        (gettext("Gaps found / healed"), f"{_number(sockets['gapsFound'])} / {_number(sockets['gapsHealed'])}"),
    ]


def _timed(due: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (gettext("Due, and nobody has begun"), _number(due["waiting"])),
        (gettext("The first has waited"), duration(due["late"])),
        (gettext("Done"), _number(due["done"])),
        (gettext("Tries that failed"), _number(due["failed"])),
        (gettext("Set aside"), _number(due["setAside"])),
    ]


def _outbox(outbox: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (gettext("Due, and nobody has begun"), _number(outbox["waiting"])),
        (gettext("The first has waited"), duration(outbox["late"])),
        (gettext("Being sent"), _number(outbox["underWay"])),
        (gettext("Sent"), _number(outbox["sent"])),
        (gettext("Tries that failed"), _number(outbox["failed"])),
        (gettext("Given up"), _number(outbox["givenUp"])),
    ]


def _counts(counts: Mapping[str, int], names: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, count) of each, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [(names.get(name, name), _number(count)) for name, count in ordered]


def _errors(windows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the table of errors: a row a code with its count in each window, and one of all a second."""
    longest = windows[list(WINDOWS)[-1]]["byCode"]
    codes = sorted(longest, key=lambda code: -longest[code])
    return {
        "rows": [(code, [_number(windows[name]["byCode"].get(code, 0)) for name in WINDOWS]) for code in codes],
        "rates": [_decimal(windows[name]["perSecond"]) for name in WINDOWS],
    }


def _follower(follower: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be shown of a follower; nothing is known of it while Redis is away."""
    if "groups" not in follower:
        return {"name": follower["name"]}
    waits = duration(follower["seconds"]) if follower["groups"] else "0 s"
    counts = {name: _number(follower[name]) for name in ("groups", "setAside")}
    return {"name": follower["name"], "known": True, "seconds": waits, **counts}


def _worker(worker: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **worker,
        "uptime": duration(worker["uptime"]),
        "rss": filesizeformat(worker["rss"]),
        "lag": _milliseconds(worker["lagP99Ms"]),
        "away": [_NAMES[name] for name, state in worker["databases"].items() if state != OK],
    }


# --- figures as people read them -------------------------------------------------------------------------------------
def duration(seconds: float) -> str:
    """Return a time in its two largest units: `3 d 4 h`, `2 h 5 min`, `40 s`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f")


def _decimal(value: float) -> str:
    return f"{value:.2g}" if value < 10 else _number(value)


def _milliseconds(value: float) -> str:
    return f"{_decimal(value)} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _megabytes(value: float) -> str:
    return f"{_number(value)} MB"
