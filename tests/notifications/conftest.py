"""What the tests of notifications share: a push service, and a sender that sends what was decided."""

from collections.abc import AsyncIterator

import pytest
from django.test import override_settings

from bench.notifications.push_service import PushService, push_service
from notifications import sending
from notifications.push.client import push_client


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    """A push service on loopback, where pushes may go for once."""
    with override_settings(PUSH_PRIVATE_NETWORKS=True, PUSH_TIMEOUT=2.0, NOTIFICATION_POLL=3600.0):
        async with push_service() as running:
            sending.start_sending()
            yield running
            await sending.close_sending()
            assert push_client.pop() is None
