"""The stories of `js/stories.mjs`: which official client runs which of them, by which transport and where."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from groups import services as groups
from tests.cast import person

from .node import script

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}


def stories(story: str, libraries: Iterable[str], places: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the story with each library by each transport at each place, under a name made of these."""
    return {
        f"{story}: {library} by {name} on {place}": {
            "story": story,
            "library": library,
            "transports": transports,
            "place": place,
        }
        for library in libraries
        for name, transports in TRANSPORTS.items()
        for place in places
    }


async def results_of(stories: Mapping[str, Mapping[str, Any]], urls: Mapping[str, str]) -> dict[str, Any]:
    """Return each story's result, `result` or `failed`; one process of node runs them all at once."""
    people = await asyncio.gather(*(_two_people() for _ in stories))
    requests = [
        {"name": name, "url": urls[story["place"]], **story, **two}
        for (name, story), two in zip(stories.items(), people, strict=True)
    ]
    async with script("official_clients.mjs") as running:
        results: dict[str, Any] = await running.ask(requests)
        return results


async def _two_people() -> dict[str, str]:
    """A group of their own, so that stories do not disturb each other."""
    alice, bob = await asyncio.gather(person("Alice"), person("Bob"))
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    return {"groupId": group.id, "alice": alice.token, "bob": bob.token}
