"""The HTML of messages, rendered when it is first asked for, and kept by message id and version.

What takes long is rendered on a thread, one text at a time: whoever writes such texts costs the event loop nothing.
Names are those of the last minute.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from foundation.errors import AppError
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.slices import in_slices
from foundation.tasks import create_background_task
from workspace.teams import selectors as teams

from .mentions import NOBODY, Mentions, may_mention
from .rendering import Rendered, is_quick, mentions_in, plain_html, render, typed

logger = logging.getLogger(__name__)
_log_throttle = LogThrottle()

_Key = tuple[str, int]

# Characters of HTML that a process keeps.
MAX_KEPT = 8_000_000
# How long a name is used before it is read again, in seconds; and how many are kept.
NAME_SECONDS, MAX_NAMES = 60.0, 20_000
# Seconds until names that could not be read are asked for again.
_RETRY_SECONDS = 2.0
# So many texts are rendered in one turn of the event loop: after a gap a room may bring hundreds at once.
MAX_A_TURN = 20
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="text")


class MessageTexts:
    """The HTML of the messages of a process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Rendered] = OrderedDict()
        self._size = 0
        # By id: the name, of a team the handle, None if nobody has the id, and when it was read.
        self._names: OrderedDict[str, tuple[str | None, float]] = OrderedDict()
        self._rendering: dict[_Key, asyncio.Future[Rendered]] = {}
        self._preparing: dict[_Key, asyncio.Future[Any]] = {}
        self._rendered_this_turn = 0

    def find(self, message: Mapping[str, Any]) -> str | None:
        """Return a message's HTML; None if it must be prepared first."""
        content: str = message["content"]
        if (plain := plain_html(content)) is not None:
            return plain
        key = _key_of(message)
        rendered = self._kept.get(key)
        if rendered is None:
            if not is_quick(content) or not self._has_a_turn():
                return None
            rendered = self._keep(key, _render(content))
        return self._filled(rendered)

    def _has_a_turn(self) -> bool:
        """Return whether another text may be rendered before others have their turns on the loop."""
        if self._rendered_this_turn == 0:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._rendered_this_turn += 1
        return self._rendered_this_turn <= MAX_A_TURN

    def _begin_turn(self) -> None:
        self._rendered_this_turn = 0

    def begin(self, messages: Sequence[Mapping[str, Any]]) -> asyncio.Future[Any]:
        """Start to prepare messages so that `find` has them; once for all who need the first of them."""
        key = _key_of(messages[0])
        preparing = self._preparing.get(key)
        if preparing is None:
            preparing = self._preparing[key] = create_background_task(self.html_of(messages))
            preparing.add_done_callback(lambda _: self._preparing.pop(key))
        return preparing

    async def html_of(self, messages: Sequence[Mapping[str, Any]]) -> tuple[list[str], int]:
        """Return the HTML of each of the messages, and how many of them were rendered on the thread."""
        rendered, slow = [], 0
        async for message in in_slices(messages):
            key, content = _key_of(message), message["content"]
            plain = plain_html(content)
            found = self._kept.get(key) if plain is None else Rendered((plain,))
            if found is None:
                slow += not is_quick(content)
                found = await self._render_once(key, content)
            rendered.append(found)
        names = await self._read_names({id_ for each in rendered for id_ in each.ids})
        return [each.filled(names) async for each in in_slices(rendered)], slow

    async def html_of_text(self, content: str) -> tuple[str, bool]:
        """Return the HTML of a text that is no message yet, and whether it took the thread."""
        slow = not is_quick(content)
        rendered = (
            await asyncio.get_running_loop().run_in_executor(_thread, _render, content) if slow else _render(content)
        )
        return rendered.filled(await self._read_names(set(rendered.ids))), slow

    async def _render_once(self, key: _Key, content: str) -> Rendered:
        if is_quick(content):
            return self._keep(key, _render(content))
        rendering = self._rendering.get(key)
        if rendering is None:
            rendering = asyncio.get_running_loop().run_in_executor(_thread, _render, content)
            self._rendering[key] = rendering
            rendering.add_done_callback(lambda _: self._rendering.pop(key))
        # shield: who waits may be cancelled, and others wait for the same.
        return self._keep(key, await asyncio.shield(rendering))

    def _keep(self, key: _Key, rendered: Rendered) -> Rendered:
        if key not in self._kept:
            self._size += _size_of(rendered)
        self._kept[key] = rendered
        while self._size > MAX_KEPT and len(self._kept) > 1:
            self._size -= _size_of(self._kept.popitem(last=False)[1])
        return rendered

    def _filled(self, rendered: Rendered) -> str | None:
        ids = rendered.ids
        return rendered.filled(self._known(ids)) if all(map(self._is_fresh, ids)) else None

    def _is_fresh(self, id_: str) -> bool:
        return id_ in self._names and self._names[id_][1] > time.monotonic() - NAME_SECONDS

    def _known(self, ids: Iterable[str]) -> dict[str, str]:
        return {id_: name for id_ in ids if (name := self._names.get(id_, (None,))[0]) is not None}

    async def _read_names(self, ids: set[str]) -> dict[str, str]:
        """Return the names of these; while they cannot be read, what is known, or nothing."""
        missing = [id_ for id_ in ids if not self._is_fresh(id_)]
        if missing:
            try:
                found = dict(await teams.labels_of(ids=missing))
                read_at = time.monotonic()
            except Exception as error:  # whoever waits for the names would ask again at once
                if not isinstance(error, AppError) and _log_throttle.should_log():
                    logger.exception("names could not be read")
                found = {id_: name for id_ in missing if (name := self._names.get(id_, (None,))[0]) is not None}
                read_at = time.monotonic() - NAME_SECONDS + _RETRY_SECONDS
            for id_ in missing:
                self._names.pop(id_, None)
                self._names[id_] = found.get(id_), read_at
        names = self._known(ids)
        while len(self._names) > max(MAX_NAMES, len(ids)):
            self._names.popitem(last=False)
        return names


def _key_of(message: Mapping[str, Any]) -> _Key:
    return message["id"], message["version"]


def _render(content: str) -> Rendered:
    try:
        return render(content)
    except Exception:  # a fault of a lexer must not cost the message
        if _log_throttle.should_log():
            logger.exception("a text could not be rendered; it is shown as it was typed")
        return typed(content)


def _size_of(rendered: Rendered) -> int:
    return sum(map(len, rendered.parts)) + 200


# The texts of the running event loop.
message_texts = PerLoop(MessageTexts)


async def find_mentions(content: str) -> Mentions:
    """Return whom a text names, with the people of its teams as they are now; only where it names one is this read."""
    if not may_mention(content):
        return NOBODY
    if is_quick(content):
        mentions = mentions_in(content)
    else:
        mentions = await asyncio.get_running_loop().run_in_executor(_thread, mentions_in, content)
    if not mentions.team_ids:
        return mentions
    return replace(mentions, people=await teams.people_of(team_ids=mentions.team_ids))
