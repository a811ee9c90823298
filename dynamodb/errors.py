"""What may go wrong with a request, in the words that PynamoDB knows: botocore's exceptions."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import CancellationReason, VerboseClientError

_BUSY = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
}


class NoResponse(BotoCoreError):  # type: ignore[misc] # botocore has no types
    """No whole answer came: what was asked may or may not have been done."""

    fmt = "DynamoDB gave no answer: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class Stale(NoResponse):
    """The connection ended before a byte of the answer came, as one does that was closed while it was idle."""


def refusal(operation: str, status: int, content: dict[str, Any], request_id: str) -> VerboseClientError:
    """Return the exception that PynamoDB raises for an answer that says no."""
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
    """Return whether the same request may succeed a moment later."""
    if isinstance(error, ClientError):
        return server_failed(error) or error.response["Error"]["Code"] in _BUSY
    return isinstance(error, NoResponse)


def server_failed(error: ClientError) -> bool:
    """Return whether it is the service that failed, so that what was asked may or may not have been done."""
    return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500)
