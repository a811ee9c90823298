"""The one way to DynamoDB: PynamoDB's models and queries, run on the event loop, with a bound in time."""

import asyncio
from collections.abc import Callable
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import get_cert_path
from django.conf import settings
from pynamodb.connection import TableConnection
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from foundation.errors import TooLarge, Unavailable

from .client import Client
from .credentials import ChainCredentials, FixedCredentials
from .errors import server_failed
from .greenlets import LoopConnection, run
from .pool import Endpoint, Pool
from .rows import Row
from .signing import Keys

P = ParamSpec("P")
T = TypeVar("T")

_CONDITION = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
_CONTENTION = {"TransactionConflictException", "TransactionConflict", "TransactionInProgressException"}
_BUSY = {
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "RequestLimitExceeded",
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


@cache
def connection() -> LoopConnection:
    """Return the process's one PynamoDB connection."""
    return LoopConnection(
        region=TableMeta.region,
        host=TableMeta.host,
        aws_access_key_id=TableMeta.aws_access_key_id,
        aws_secret_access_key=TableMeta.aws_secret_access_key,
        connect_timeout_seconds=TableMeta.connect_timeout_seconds,
        read_timeout_seconds=TableMeta.read_timeout_seconds,
        max_retry_attempts=TableMeta.max_retry_attempts,
    )


class Table(Row):
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
    """Run PynamoDB's blocking code here on the event loop, which goes on while DynamoDB works.

    Raises `ConditionFailed`, `TooLarge`, `Unavailable` (and its `OutcomeUnknown` when a write may have been made).
    """
    try:
        async with asyncio.timeout(settings.STORE_TIMEOUT):
            return await run(partial(function, *args, **kwargs), _client().send)
    except TimeoutError as error:
        raise OutcomeUnknown from error
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        raise _translated(error) from error


# --- the client of each event loop -----------------------------------------------------------------------------------
_clients: dict[asyncio.AbstractEventLoop, Client] = {}


def prepare() -> None:
    """Find out where AWS is and whose keys sign: half a second in botocore, which blocks."""
    _service()


async def close() -> None:
    """Close the running loop's connections, if it has any."""
    if client := _clients.pop(asyncio.get_running_loop(), None):
        client.close()


def _client() -> Client:
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        # A client refers to its loop, so weak keys would never let one go.
        for closed in [known for known in _clients if known.is_closed()]:
            del _clients[closed]
        client = _clients[loop] = _new_client()
    return client


def _new_client() -> Client:
    endpoint, source = _service()
    pool = Pool(
        endpoint,
        size=settings.STORE_CONNECTIONS,
        connect_seconds=TableMeta.connect_timeout_seconds,
        read_seconds=TableMeta.read_timeout_seconds,
    )
    fixed = Keys(TableMeta.aws_access_key_id or "", TableMeta.aws_secret_access_key or "")
    credentials = FixedCredentials(fixed) if TableMeta.host else ChainCredentials(source)
    return Client(pool, TableMeta.region, credentials)


@cache
def _service() -> tuple[Endpoint, Any]:
    """Return where the service answers, and for AWS itself what botocore's chain of credentials found."""
    session = connection().session
    authorities = session.get_config_variable("ca_bundle") or get_cert_path(True)
    if TableMeta.host:
        return Endpoint.of(TableMeta.host, authorities), None
    return Endpoint.of(connection().client.meta.endpoint_url, authorities), session.get_credentials()


# --- errors ----------------------------------------------------------------------------------------------------------
def _translated(error: Exception) -> Exception:
    codes = set(_codes(error))
    if codes & (_CONDITION | _CONTENTION):
        return ConditionFailed()
    if not codes or codes & _BUSY:
        return OutcomeUnknown()
    if "size has exceeded" in str(error) or "size to update has exceeded" in str(error):
        return TooLarge("The item would grow over the store's 400 KB.")
    return error


def _codes(error: Exception) -> list[str]:
    """Return the service's own error codes; none at all means that no answer came, or that the service failed."""
    if isinstance(error, TransactWriteError):
        reasons = [reason.code for reason in error.cancellation_reasons if reason]
        if reasons:
            return reasons
    if isinstance(error, PynamoDBException):
        cause: Any = error.cause
        error = cause if isinstance(cause, Exception) else error
    if isinstance(error, ClientError):
        return [] if server_failed(error) else [error.response.get("Error", {}).get("Code", "")]
    return [] if isinstance(error, BotoCoreError) else [type(error).__name__]
