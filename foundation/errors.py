"""Every error that a client can receive: one tree and one wire shape, for HTTP, sockets and pages."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    # The limits raise these errors.
    from .limits.usage import Usage


class AppError(Exception):
    """The base of errors that a caller can act on; `code` is for programs, `message` for people.

    On the wire: ``{"code", "message", "retryable", "retryAfter"?, "fields"?}``; ``retryAfter`` is in seconds,
    ``fields`` maps an input's wire name to a list of sentences.
    """

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False
    default_message: ClassVar[str] = "The request is not valid."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        fields: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message or self.default_message)
        self.message = message or self.default_message
        self.retry_after = retry_after
        self.fields = fields

    def as_wire(self) -> dict[str, Any]:
        """Return the error object of HTTP bodies, acknowledgements and `error` events."""
        wire: dict[str, Any] = {"code": self.code, "message": self.message, "retryable": self.retryable}
        if self.retry_after is not None:
            wire["retryAfter"] = self.retry_after
        if self.fields:
            wire["fields"] = dict(self.fields)
        return wire

    def headers(self) -> dict[str, str]:
        """Return the headers that an HTTP response with this error has."""
        return {} if self.retry_after is None else {"Retry-After": str(max(1, round(self.retry_after)))}


class Invalid(AppError):
    pass


class Unauthenticated(AppError):
    code = "unauthenticated"
    status = 401
    default_message = "Sign in first: send a session token as 'Authorization: Bearer TOKEN' or in the handshake's auth."

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "WWW-Authenticate": "Bearer"}


class TokenExpired(Unauthenticated):
    code = "token_expired"
    default_message = "The session token has expired: get a fresh one and try again."


class Forbidden(AppError):
    code = "forbidden"
    status = 403
    default_message = "Your role does not allow this."


class Deactivated(AppError):
    code = "deactivated"
    status = 403
    default_message = "This account was deactivated: ask an administrator of this workspace."


def unless_session_is_over() -> suppress:
    """Return a context that is left where a token turns out to be of no session any more: there is nothing to end.

    Of somebody deactivated all have ended.
    """
    return suppress(Unauthenticated, Deactivated)


class NotFound(AppError):
    """Missing and forbidden objects get the same error, so that nobody can probe for what exists."""

    code = "not_found"
    status = 404
    default_message = "There is no such thing, or it is not yours to see."


class HttpError(AppError):
    """The base of errors that only HTTP has."""


class MethodNotAllowed(HttpError):
    code = "method_not_allowed"
    status = 405
    default_message = "This address does not take that method: the header Allow names those that it takes."


class SecondFactorRequired(HttpError):
    """The password was right; `challenge` proves that for a few minutes, and is not sent to API clients."""

    code = "second_factor_required"
    status = 401
    default_message = "This account has a second factor: send the same again with a code of it."

    def __init__(self, *, challenge: str = "") -> None:
        super().__init__()
        self.challenge = challenge

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "WWW-Authenticate": "Bearer"}


class NotAcceptable(HttpError):
    code = "not_acceptable"
    status = 406
    default_message = "This address has no representation that the header Accept asks for: it has JSON."


class PreconditionFailed(HttpError):
    """What a conditional request (RFC 9110, 13) asked for is not so: nothing was changed."""

    code = "precondition_failed"
    status = 412
    default_message = "It has changed since you read it: read it again before you change it."


class UnsupportedMediaType(HttpError):
    code = "unsupported_media_type"
    status = 415
    default_message = "This address does not take a body of that Content-Type."


class RangeNotSatisfiable(HttpError):
    code = "range_not_satisfiable"
    status = 416
    default_message = "The range lies outside of what there is."


class TooLarge(AppError):
    code = "too_large"
    status = 413
    default_message = "That is larger than this server takes."


class RateLimited(AppError):
    """`usage` is that of the budget which is used up; a bound on what is open at a time has none."""

    code = "rate_limited"
    status = 429
    retryable = True
    default_message = "Too many requests: wait and try again."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        fields: Mapping[str, list[str]] | None = None,
        usage: "Usage | None" = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after, fields=fields)
        self.usage = usage

    def headers(self) -> dict[str, str]:
        return {**super().headers(), **(self.usage.headers() if self.usage else {})}


class IdempotencyConflict(AppError):
    """`earlier` is, of a message, the one that already has the clientId, in wire form; it is not sent to the client."""

    code = "idempotency_conflict"
    status = 409
    default_message = "This clientId or Idempotency-Key was already used for something else: use a new one."

    def __init__(self, earlier: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.earlier = earlier


class VersionConflict(AppError):
    code = "version_conflict"
    status = 409
    default_message = "The message has changed since: read it again before you edit it."


class Gone(AppError):
    code = "gone"
    status = 410
    default_message = "It has been deleted."


class Unavailable(AppError):
    code = "unavailable"
    status = 503
    retryable = True
    default_message = "A part of the server does not answer just now: try again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: float = 1.0) -> None:
        super().__init__(message, retry_after=retry_after)


class Misconfigured(Unavailable):
    """An engine refuses this server: wrong credentials, a missing table, no space. Only an operator can help.

    Clients see an `Unavailable`.
    """


def error_classes_by_code(*, http: bool = True) -> dict[str, type[AppError]]:
    """Return the error classes by their code, without `http` those that sockets have too.

    A class comes before its subclasses.
    """
    by_code: dict[str, type[AppError]] = {}
    classes: list[type[AppError]] = [AppError]
    for error_class in classes:
        if http or not issubclass(error_class, HttpError):
            by_code.setdefault(error_class.code, error_class)
            classes += error_class.__subclasses__()
    return by_code
