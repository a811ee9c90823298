"""Whatever several people do through two processes: then every count is what the log and their acts say."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import product
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from groups import selectors
from groups import services as groups
from messaging import selectors as messages
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import serving
from tests.workspace.teams.conftest import new_handle
from users.blocks import find_block
from workspace.teams import services as teams

from .expected import Counts, counts_of, mark_after, whole_log
from .histories import HISTORIES, LAZY, NAMES, World


@pytest.fixture(scope="module")
async def people() -> AsyncIterator[dict[str, Person]]:
    people = {name: await person(name.title()) for name in NAMES}
    with override_settings(ADMINISTRATORS=frozenset([people["alice"].id])):
        yield people


@pytest.fixture(scope="module")
async def elsewhere(people: dict[str, Person]) -> AsyncIterator[dict[str, Any]]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(LAZY))
        yield {name: await stack.enter_async_context(http_client(server.url, each)) for name, each in people.items()}


@pytest.mark.timeout(600)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(history=HISTORIES)
async def test_every_count_is_what_the_log_says(
    people: dict[str, Person], elsewhere: dict[str, Any], history: list[Any]
) -> None:
    others = [people[name].id for name in NAMES[1:]]
    group = await groups.create_group(actor=people["alice"].actor, name="Harbour", member_ids=others)
    team = await teams.create_team(actor=people["alice"].actor, name="Design", handle=new_handle())
    world = World(group.id, people, elsewhere, team_id=team.id)
    await world.run(history)
    await world.settle()
    log = await whole_log(group.id)
    ids = [each.id for each in people.values()]
    blocked = {(by, other): (await find_block(by, other)).intervals for by in ids for other in ids if by != other}
    for name, each in people.items():
        read = mark_after(world.acts[name, ""])
        expected = counts_of(log, each.id, read, naming_all=world.naming_all, blocked=blocked)
        (found,) = await selectors.list_summaries(actor=each.actor, group_ids=[group.id])
        assert (found.read, found.unread) == (expected.read, expected.unread), name
        assert (list(found.mentions), found.unread_alls) == (expected.mentions, expected.alls), name
    threads = {message["parentId"] for message in world.messages if "parentId" in message}
    for name, parent_id in product(NAMES, threads | {parent_id for _, parent_id in world.acts if parent_id}):
        read = mark_after(world.acts.get((name, parent_id), ()))
        thread = await messages.list_thread(actor=people[name].actor, message_id=parent_id)
        expected = counts_of(
            log, people[name].id, read, parent_id=parent_id, naming_all=world.naming_all, blocked=blocked
        )
        counts = Counts(thread["read"], thread["unread"], thread["mentions"], thread["all"])
        assert counts == expected, (name, parent_id)
