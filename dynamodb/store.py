"""The entry point to DynamoDB: runs PynamoDB's models and queries on the event loop, within a timeout."""

import asyncio
import logging
import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import get_cert_path
from django.conf import settings
from pynamodb.connection import TableConnection
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from foundation.errors import Misconfigured, TooLarge, Unavailable
from foundation.log_throttle import LogThrottle
from foundation.pools import PoolFigures

from .client import Client
from .credentials import BotocoreCredentialsProvider, FixedCredentialsProvider
from .errors import CONFLICT_CODES, MISCONFIGURED_CODES, THROTTLING_CODES, is_server_error
from .greenlets import LoopConnection, run
from .pool import ConnectionPool, Endpoint
from .proxies import refuse_proxy
from .rows import Row
from .signing import Credentials

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_CONDITION_CODES = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
_CONFLICT_CODES = {*CONFLICT_CODES, "TransactionInProgressException"}

_IN_USE_CODES = {"ResourceInUseException", "LimitExceededException"}

_refusals = LogThrottle()


class ConditionFailed(Exception):
    """A condition failed, or another transaction held the same rows: read again, then decide again."""


class Conflict(ConditionFailed):
    """Another transaction held the same rows, after several tries, and no condition is known to have failed."""


class OutcomeUnknown(Unavailable):
    """No usable response: the write may or may not have been executed."""


class InUse(Exception):
    """The table, or the index of it, is there already, or is being changed."""


class TableMeta:
    """The base of every table's PynamoDB `Meta`: endpoint, credentials, short timeouts, one retry by botocore."""

    region = settings.DYNAMODB_REGION
    host = settings.DYNAMODB_URL
    aws_access_key_id = settings.DYNAMODB_ACCESS_KEY_ID
    aws_secret_access_key = settings.DYNAMODB_SECRET_ACCESS_KEY
    aws_session_token = settings.DYNAMODB_SESSION_TOKEN
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
        aws_session_token=TableMeta.aws_session_token,
        connect_timeout_seconds=TableMeta.connect_timeout_seconds,
        read_timeout_seconds=TableMeta.read_timeout_seconds,
        max_retry_attempts=TableMeta.max_retry_attempts,
    )


class Table(Row):
    """The base of every table. All tables share one connection; PynamoDB would open one for each."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        shared = connection()
        if table.connection is not shared:
            shared.add_meta_table(table.get_meta_table())
            table.connection = shared
        return table


async def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses PynamoDB on the event loop, without blocking the loop, and return its result.

    Raises `ConditionFailed`, `TooLarge`, `Unavailable` when DynamoDB refused the call because of load, `Misconfigured`
    when it refuses this server, or `OutcomeUnknown` (both `Unavailable`) after another failure or `STORE_TIMEOUT`.
    """
    try:
        async with asyncio.timeout(settings.STORE_TIMEOUT) as timeout:
            send = partial(_client().send, deadline=timeout.when() or math.inf)
            return await run(partial(function, *args, **kwargs), send)
    except TimeoutError as error:
        raise OutcomeUnknown from error
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        raise _translate(error) from error


# --- one client per event loop ---------------------------------------------------------------------------------------
_clients: dict[asyncio.AbstractEventLoop, Client] = {}


def prepare() -> None:
    """Resolve AWS's endpoint and credentials before the first request: botocore blocks for half a second.

    Raises `ImproperlyConfigured` when the environment demands a proxy for the endpoint.
    """
    _endpoint_and_credentials()


async def close() -> None:
    """Close the running loop's client, if it has one."""
    if client := _clients.pop(asyncio.get_running_loop(), None):
        client.close()


def pool_figures() -> PoolFigures:
    """Return how many connections the running loop's client has."""
    return _client().pool_figures()


def _client() -> Client:
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        # A client refers to its loop, so an entry with a weak key would never be collected.
        for closed_loop in [known_loop for known_loop in _clients if known_loop.is_closed()]:
            del _clients[closed_loop]
        client = _clients[loop] = _new_client()
    return client


def _new_client() -> Client:
    endpoint, source = _endpoint_and_credentials()
    pool = ConnectionPool(
        endpoint,
        size=settings.STORE_CONNECTIONS,
        connect_timeout=TableMeta.connect_timeout_seconds,
        read_timeout=TableMeta.read_timeout_seconds,
    )
    if TableMeta.host:
        keys = TableMeta.aws_access_key_id or "", TableMeta.aws_secret_access_key or ""
        fixed = FixedCredentialsProvider(Credentials(*keys, TableMeta.aws_session_token))
        return Client(pool, TableMeta.region, fixed)
    return Client(pool, TableMeta.region, BotocoreCredentialsProvider(source))


@cache
def _endpoint_and_credentials() -> tuple[Endpoint, Any]:
    """Return the endpoint; for AWS itself also the credentials object that botocore's chain found, else None."""
    session = connection().session
    ca_bundle = session.get_config_variable("ca_bundle") or get_cert_path(True)
    url = TableMeta.host or connection().client.meta.endpoint_url
    refuse_proxy(url)
    return Endpoint.from_url(url, ca_bundle), None if TableMeta.host else session.get_credentials()


# --- errors ----------------------------------------------------------------------------------------------------------
def _translate(error: Exception) -> Exception:
    codes = set(_error_codes(error))
    if codes & (_CONDITION_CODES | _CONFLICT_CODES):
        return ConditionFailed() if codes & _CONDITION_CODES else Conflict()
    if not codes:
        return OutcomeUnknown()
    for kind, meant in ((InUse, _IN_USE_CODES), (Unavailable, THROTTLING_CODES)):
        if codes & meant:
            return kind()
    if refused := codes & MISCONFIGURED_CODES:
        if _refusals.should_log():
            logger.error("DynamoDB refuses this server: %s", min(refused))
        return Misconfigured()
    if any("size has exceeded" in text or "size to update has exceeded" in text for text in _error_texts(error)):
        return TooLarge("The item would grow over the store's 400 KB.")
    return error


def _error_texts(error: Exception) -> list[str]:
    """Return all that DynamoDB said; of a transaction, the exception's own text names no item's error."""
    reasons = error.cancellation_reasons if isinstance(error, TransactWriteError) else []
    return [str(error), str(getattr(error, "cause", "")), *(str(reason.message) for reason in reasons if reason)]


def _error_codes(error: Exception) -> list[str]:
    """Return DynamoDB's error codes; none means that no response arrived, or that the service failed (5xx)."""
    if isinstance(error, TransactWriteError):
        reasons = [reason.code for reason in error.cancellation_reasons if reason]
        if reasons:
            return reasons
    if isinstance(error, PynamoDBException):
        cause: Any = error.cause
        error = cause if isinstance(cause, Exception) else error
    if isinstance(error, ClientError):
        return [] if is_server_error(error) else [error.response.get("Error", {}).get("Code", "")]
    return [] if isinstance(error, BotoCoreError) else [type(error).__name__]
