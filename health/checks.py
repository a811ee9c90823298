"""Is each engine there? One function an engine: each asks for the least that proves it works, and raises otherwise."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import redis.asyncio as redis
from django.conf import settings
from pynamodb.exceptions import PynamoDBException

from files import storage
from foundation.errors import NotFound, Unavailable
from users import selectors

Check = Callable[[], Awaitable[None]]


class Failed(Exception):
    """What is wrong, in words that anybody may read: no address, no credential."""


async def check_dynamodb() -> None:
    """Read an item that is not there, the way every request reads: that needs the engine, the tables and the right."""
    try:
        with suppress(NotFound):
            await selectors.get_user(user_id="health-check")
    except PynamoDBException as error:
        raise Failed("It refuses to read the tables: are they made, and may this server read them?") from error


async def check_mongodb() -> None:
    await storage.call(storage.client().admin.command("ping"))


async def check_redis() -> None:
    """Open a new connection: a pooled one may live on where no new one can be opened."""
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        await connection.ping()
    except redis.AuthenticationError as error:
        raise Failed("It refuses this server's credentials.") from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise Unavailable from error
    finally:
        await connection.aclose()


ENGINES: dict[str, Check] = {"dynamodb": check_dynamodb, "mongodb": check_mongodb, "redis": check_redis}
