"""The one way to DynamoDB: PynamoDB blocks, so its calls run on threads of our own, with a bound in time."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from pynamodb.connection import Connection, TableConnection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import Model

from .errors import TooLarge, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

# Not asgiref's shared thread: a slow store must not stall the sockets.
_pool = ThreadPoolExecutor(max_workers=settings.STORE_THREADS, thread_name_prefix="store")

_CONDITION = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
_CONTENTION = {"TransactionConflictException", "TransactionConflict", "TransactionInProgressException"}
_BUSY = {
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
}


class ConditionFailed(Exception):
    """A condition did not hold, or another write to the same rows was under way: read, then decide again."""


class OutcomeUnknown(Unavailable):
    """The store did not answer: the write may or may not have been made."""


class TableMeta:
    """What every table's PynamoDB `Meta` shares: address, credentials, short time-outs, one retry."""

    region = settings.DYNAMODB_REGION
    host = settings.DYNAMODB_URL
    aws_access_key_id = settings.DYNAMODB_ACCESS_KEY_ID
    aws_secret_access_key = settings.DYNAMODB_SECRET_ACCESS_KEY
    billing_mode = "PAY_PER_REQUEST"
    connect_timeout_seconds = 1
    read_timeout_seconds = 3
    max_retry_attempts = 1
    max_pool_connections = settings.STORE_THREADS


_connection: Connection | None = None
_connecting = threading.Lock()


def connection() -> Connection:
    """Return the process's one connection: each has a botocore client of its own, half a second of work to make."""
    global _connection  # noqa: PLW0603 - made once, when it is first needed
    if _connection is None:
        with _connecting:
            if _connection is None:
                made = Connection(
                    region=TableMeta.region,
                    host=TableMeta.host,
                    aws_access_key_id=TableMeta.aws_access_key_id,
                    aws_secret_access_key=TableMeta.aws_secret_access_key,
                    connect_timeout_seconds=TableMeta.connect_timeout_seconds,
                    read_timeout_seconds=TableMeta.read_timeout_seconds,
                    max_retry_attempts=TableMeta.max_retry_attempts,
                    max_pool_connections=TableMeta.max_pool_connections,
                )
                _ = made.client
                _connection = made
    return _connection


class Table(Model):
    """The base of every table: all share one connection, where PynamoDB would make one for each."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        shared = connection()
        if table.connection is not shared:
            shared.add_meta_table(table.get_meta_table())
            table.connection = shared
        return table


async def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking PynamoDB call on the store's threads.

    Raises `ConditionFailed`, `TooLarge`, `Unavailable` (and its `OutcomeUnknown` when a write may have been made).
    """
    running = asyncio.get_running_loop().run_in_executor(_pool, partial(function, *args, **kwargs))
    try:
        return await asyncio.wait_for(running, settings.STORE_TIMEOUT)
    except TimeoutError as error:
        raise OutcomeUnknown from error
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> Exception:
    codes = set(_codes(error))
    if codes & (_CONDITION | _CONTENTION):
        return ConditionFailed()
    if codes & _BUSY:
        return OutcomeUnknown()
    if not codes:
        return OutcomeUnknown()
    if "size has exceeded" in str(error) or "size to update has exceeded" in str(error):
        return TooLarge("The item would grow over the store's 400 KB.")
    return error


def _codes(error: Exception) -> list[str]:
    """Return the service's own error codes; none at all means that no answer came."""
    if isinstance(error, TransactWriteError):
        reasons = [reason.code for reason in error.cancellation_reasons if reason]
        if reasons:
            return reasons
    if isinstance(error, PynamoDBException):
        cause: Any = error.cause
        error = cause if isinstance(cause, Exception) else error
    if isinstance(error, ClientError):
        return [error.response.get("Error", {}).get("Code", "")]
    return [] if isinstance(error, BotoCoreError) else [type(error).__name__]
