"""Starts and stops what a process shares."""

import asyncio
import gc
import logging
import sys

from django.conf import settings
from django.core.signals import got_request_exception
from django.template.loader import get_template
from django.urls import reverse

from dynamodb import store
from files.images.processes import close_image_processes
from foundation.counters import INTERNAL, errors
from foundation.loop_lag import loop_lag
from foundation.per_loop import PerLoop
from groups.followers.runner import close_following, following
from groups.followers.wakes import close_wakes
from groups.log.head_hints import close_head_hints
from groups.read_marks import close_read_marks
from health import engines
from health.sampler import close_sampler, sampler
from messaging.session_expiry import close_revoked_sessions
from messaging.shutdown import announce_shutdown
from notifications.closing import close_closing
from notifications.devices.services import remove_with_sessions
from notifications.sending import close_sending, start_sending
from presence.broadcaster import close_presence, presence_broadcaster
from realtime.hub.hub import close_hub
from users import tokens
from users.clerk import signature
from users.clerk.lookups import lookups
from users.due.worker import close_working, working
from users.revoked import revoked_sessions
from users.updates import user_updates
from workspace.audit import close_audit

from .drain import OnDrained, drain_on_terminate
from .routing import socketio_server

logger = logging.getLogger(__name__)

# Seconds that a thread which computes may keep the event loop waiting whenever the loop has called the system: with
# Python's 5 ms, a few views that render held all sockets for a third of the time.
SWITCH_SECONDS = 0.0005


class Startup:
    """The start of the process; many requests may ask for it at once."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._is_done = False

    async def run(self, *, on_drained: OnDrained | None = None) -> None:
        """Start once, or again after a failure; raises `ImproperlyConfigured`.

        `on_drained` is awaited when the process is terminated, before the server's own signal handler is called.
        """
        if self._is_done:
            return
        async with self._lock:
            if not self._is_done:
                await _start(on_drained)
                self._is_done = True


startup = PerLoop(Startup)


async def _start(on_drained: OnDrained | None) -> None:
    """Prepare what would delay the first requests, and begin to listen for sessions that end."""
    await asyncio.to_thread(store.prepare)
    await asyncio.to_thread(tokens.prepare)
    await asyncio.to_thread(_load_pages)
    await signature.prepare()
    close_revoked_sessions()
    drain_on_terminate(announce_shutdown, socketio_server().end_polls, on_drained)
    presence_broadcaster()
    got_request_exception.connect(_count_bug)
    loop_lag().start()
    sampler().start()
    remove_with_sessions()
    start_sending()
    if settings.FOLLOW:
        following()
        working()
    # It starts all the same: what needs the engine fails until it is back.
    for name, error in (await engines.find_failing()).items():
        logger.warning("%s: %s", name, error)
    _tune_garbage_collector()
    sys.setswitchinterval(SWITCH_SECONDS)


async def stop() -> None:
    """Close everything before the process ends."""
    await close_sampler()
    if lag := loop_lag.pop():
        lag.close()
    if server := socketio_server.pop():
        await server.close()
    await close_presence()
    await close_following()
    await close_working()
    await close_closing()
    await close_sending()
    await user_updates().wait()
    if waiting := lookups.pop():
        waiting.close()
    await close_hub()
    await close_read_marks()
    await close_head_hints()
    await close_wakes()
    if sessions := revoked_sessions.pop():
        await sessions.close()
    await close_image_processes()
    await close_audit()
    await store.close()


def _load_pages() -> None:
    """Load what the first page needs: 30 ms, in which the event loop would stand still later."""
    get_template("web/shell.html")
    reverse("web:home")


def _count_bug(**signal: object) -> None:
    """Count an exception that a view did not expect: its client gets a 500."""
    errors.count(INTERNAL)


def _tune_garbage_collector() -> None:
    """Exempt what start-up made from garbage collection, and collect less often.

    With Python's defaults, a fifth of the work of a thousand connects is collections that find nothing. A collection
    stops the loop for about a microsecond for each object that it looks at: at most 2,000 new ones, 10,000 of those
    that it has found in use, and all that have been in use for long after each 20 million.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 2_000)
