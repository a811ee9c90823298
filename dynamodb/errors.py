"""Failed requests as the exceptions that PynamoDB expects: botocore's."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import CancellationReason, VerboseClientError

# DynamoDB refused the request because of load. Those without "Exception" are the reasons of a cancelled transaction.
THROTTLING_CODES = {
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "RequestLimitExceeded",
}
# Another transaction held one of the rows; the latter is the reason of a cancelled transaction.
CONFLICT_CODES = {"TransactionConflictException", "TransactionConflict"}
_REFUSALS = THROTTLING_CODES | CONFLICT_CODES
# DynamoDB refuses this server, whatever it asks: its credentials, its permissions, or tables that do not exist.
MISCONFIGURED_CODES = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
}
_CANCELLED = "TransactionCanceledException"


class NoResponse(BotoCoreError):  # type: ignore[misc] # botocore has no types
    """No complete response arrived: the request may or may not have been executed."""

    fmt = "DynamoDB gave no response: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class StaleConnection(NoResponse):
    """The connection ended before the first byte of a response: usually it was closed while it was idle."""


def client_error(operation: str, status: int, content: dict[str, Any], request_id: str) -> VerboseClientError:
    """Return PynamoDB's `ClientError` for an error response."""
    code = str(content.get("__type") or status).rpartition("#")[2]
    message = content.get("message") or content.get("Message") or ""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    reasons = [
        CancellationReason(reason["Code"], reason.get("Message"), reason.get("Item"))
        if reason.get("Code", "None") != "None"
        else None
        for reason in content.get("CancellationReasons") or ()
    ]
    return VerboseClientError(response, operation, {"request_id": request_id}, cancellation_reasons=reasons)


def is_transient(error: BotoCoreError | ClientError) -> bool:
    """Return whether the same request may succeed when it is retried."""
    if isinstance(error, ClientError):
        in_progress = error.response["Error"]["Code"] == "TransactionInProgressException"
        return in_progress or is_server_error(error) or is_refused(error)
    return isinstance(error, NoResponse)


def is_refused(error: BotoCoreError | ClientError) -> bool:
    """Return whether DynamoDB refused the request because of load, or because another transaction held its rows.

    For no other reason: nothing was written, and the same request may succeed in a moment. Transactions conflict also
    where all of them only check a row, such as that of a group that many conversations share.
    """
    if not isinstance(error, ClientError) or is_server_error(error):
        return False
    code = error.response["Error"]["Code"]
    if code == _CANCELLED and isinstance(error, VerboseClientError):
        reasons = {reason.code for reason in error.cancellation_reasons if reason}
        return bool(reasons) and reasons <= _REFUSALS
    return code in _REFUSALS


def is_server_error(error: ClientError) -> bool:
    """Return whether the status is 5xx: the request may or may not have been executed."""
    return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500)
