"""What all tests share: real tables, and the cast."""

from collections.abc import AsyncIterator

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings

from dynamodb import store
from dynamodb.tables import create_missing
from files import storage
from files.images.processes import close_image_processes
from groups import services as groups
from groups.followers.wake_queue import wake_queue
from groups.followers.wakes import close_wakes
from groups.log.entry import Entry
from groups.log.head_hints import close_head_hints, head_hints
from groups.read_marks import close_read_marks
from groups.rows import GroupRow
from health.sampler import close_sampler
from presence.broadcaster import close_presence
from realtime.hub.hub import close_hub, get_hub
from search import index as search_index
from users.models import UserRow
from users.revoked import revoked_sessions
from workspace.audit import close_audit

from .cast import Person, person

# On a busy machine an example that takes 200 ms is not a fault.
settings.register_profile("chatproject", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chatproject")


@pytest.fixture(scope="session", autouse=True)
async def _engines(pytestconfig: pytest.Config) -> AsyncIterator[None]:
    """Make this worker's tables, and close the connections to the engines at the end, before the loop ends."""
    # What a test has written is followed by who the test says, not by this process meanwhile; servers have their own.
    django_settings.FOLLOW = False
    if pytestconfig.getoption("unit"):
        yield
        return
    await create_missing((UserRow, GroupRow, Entry))
    await storage.ensure_indexes()
    await search_index.ensure_indexes()
    # Made with the real addresses: a test may name a dead one, and what is made meanwhile keeps it for all later tests.
    for made_once in (revoked_sessions, head_hints, wake_queue, get_hub):
        made_once()
    yield
    await close_sampler()
    await close_presence()
    await close_hub()
    await close_read_marks()
    await close_head_hints()
    await close_wakes()
    if sessions := revoked_sessions.pop():
        await sessions.close()
    await close_image_processes()
    await close_audit()
    await storage.close()
    await store.close()


@pytest.fixture
async def alice() -> Person:
    return await person("Alice")


@pytest.fixture
async def bob() -> Person:
    return await person("Bob")


@pytest.fixture
async def charlie() -> Person:
    return await person("Charlie")


@pytest.fixture
async def group_id(alice: Person, bob: Person, charlie: Person) -> str:
    """A group that alice owns and bob is in; charlie exists, and is not."""
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    return group.id
