"""One check per engine: the cheapest request that proves that it works; raises if it does not."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import redis.asyncio as redis
from django.conf import settings
from pynamodb.exceptions import PynamoDBException

from dynamodb import store
from files import storage
from foundation.errors import Misconfigured, NotFound, Unavailable
from users import selectors

Check = Callable[[], Awaitable[None]]


class CheckFailed(Exception):
    """The message is public: it has no address and no credentials."""


async def check_dynamodb() -> None:
    """Read an item that does not exist, as requests do: needs the engine, the tables and permission to read."""
    try:
        with suppress(NotFound):
            await selectors.get_user(user_id="health-check")
    except (PynamoDBException, Misconfigured) as error:
        raise CheckFailed("It refuses to read the tables: do they exist, and may this server read them?") from error


async def check_dynamodb_answers() -> None:
    """Ask for a table's name: works before there are tables."""
    await store.call(store.connection().dispatch, "ListTables", {"Limit": 1})


async def check_mongodb() -> None:
    """Ask for a file that does not exist, as downloads do: needs the engine and permission to read."""
    try:
        await storage.call(storage.files().find_one({"_id": "health-check"}))
    except Misconfigured as error:
        raise CheckFailed("It refuses this server: are its credentials right, and is there space?") from error


async def check_redis() -> None:
    """Ping over a new connection: a pooled one may work where new ones are refused."""
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        await connection.ping()
    except redis.AuthenticationError as error:
        raise CheckFailed("It refuses this server's credentials.") from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise Unavailable from error
    except redis.ResponseError as error:
        raise CheckFailed("It refuses commands: is its disk full?") from error
    finally:
        await connection.aclose()


ENGINES: dict[str, Check] = {"dynamodb": check_dynamodb, "mongodb": check_mongodb, "redis": check_redis}
# What must answer before the tables are there.
ENGINES_WITHOUT_TABLES: dict[str, Check] = {**ENGINES, "dynamodb": check_dynamodb_answers}
