"""How an operation may be refused: each status with what it means there, and the one shape of errors."""

from collections.abc import Iterator
from typing import Any

from foundation import errors
from foundation.error_serializers import ErrorResponseSerializer
from foundation.errors import AppError
from foundation.operations import SAFE_METHODS, operation_of, takes_body

Schema = dict[str, Any]
_MESSAGES = (
    *("messages_send", "messages_edit", "messages_react", "messages_thread", "messages_history"),
    *("messages_pin", "messages_save", "messages_quote", "messages_forward"),
    *("scheduled_change", "scheduled_cancel", "reminders_create", "reminders_cancel"),
)
_PLANNED = ("scheduled_change", "scheduled_cancel", "reminders_cancel")
_MAY_BE_FORBIDDEN = {
    *("messages_history", "groups_directory", "groups_links", "groups_asked", "workspace_deactivated"),
    *("accounts_list", "accounts_invitations", "audit_list", "audit_export", "reports_list", "reports_case"),
}
_MAY_BE_GONE = (*_MESSAGES, "files_download", "reports_make")
_WITHOUT_IDS = (
    *("groups_list", "groups_directory", "users_list", "audit_list", "audit_export", "reports_list", "notices_list"),
    *("threads_list", "inbox_list", "inbox_read", "saved_list", "sections_list", "sections_write"),
    *("blocked_list", "groups_invitations", "scheduled_list", "reminders_list", "search_messages"),
    *("notifications_settings", "notifications_change_settings", "notifications_devices", "notifications_add_device"),
)
_DOWNLOADS = ("files_download", "users_picture", "groups_picture", "audit_export")
# Where nobody is signed in yet, or need be.
_JOINING = (errors.NotFound, errors.TooLarge, errors.UnsupportedMediaType, errors.RateLimited, errors.Unavailable)
_PUBLIC: dict[str, tuple[type[AppError], ...]] = {
    "jwks": (errors.NotFound,),
    "workspace_logo": (errors.NotFound, errors.RateLimited, errors.Unavailable),
    "accounts_sign_in": (errors.Unauthenticated, errors.SecondFactorRequired, *_JOINING),
    "accounts_join": (errors.Unauthenticated, *_JOINING),
    "accounts_reset": _JOINING,
    "accounts_forgotten": _JOINING,
    "accounts_passkey_sign_in": (errors.Unauthenticated, *_JOINING),
    "accounts_passkey_sign_in_options": (errors.NotFound, errors.RateLimited, errors.Unavailable),
}
_RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before the same is sent again."}
}


def error_responses(schema: Any, operation: Schema) -> dict[str, Schema]:
    """Return by status the responses of an operation's errors; `schema` is its `ApiSchema`."""
    by_status: dict[int, list[type[AppError]]] = {}
    for kind in _errors_of(schema, operation):
        by_status.setdefault(kind.status, []).append(kind)
    return {str(status): _response(schema, kinds) for status, kinds in sorted(by_status.items())}


def _response(schema: Any, kinds: list[type[AppError]]) -> Schema:
    codes = " ".join(f"`{kind.code}`: {kind.default_message}" for kind in kinds)
    component = schema.resolve_serializer(ErrorResponseSerializer, "response")
    response: Schema = {
        "description": codes,
        "content": {
            "application/json": {
                "schema": component.ref,
                "example": {"error": kinds[0]().as_wire()},
            }
        },
    }
    return {**response, "headers": _RETRY_AFTER} if kinds[0].retryable else response


def _errors_of(schema: Any, operation: Schema) -> Iterator[type[AppError]]:
    method, declared = schema.method, operation_of(schema.view, schema.method)
    yield errors.Invalid
    if not operation["security"]:
        yield from _PUBLIC.get(operation["operationId"], ())
        return
    yield from (errors.Unauthenticated, errors.TokenExpired, errors.Deactivated, errors.RateLimited, errors.Unavailable)
    operation_id = operation["operationId"]
    if operation_id not in _DOWNLOADS:
        yield errors.NotAcceptable
    if operation_id not in _WITHOUT_IDS:
        yield errors.NotFound
    if method not in SAFE_METHODS:
        yield from (errors.Forbidden, errors.IdempotencyConflict)
        if declared and method != "POST" and operation_of(schema.view, "GET"):
            yield errors.PreconditionFailed
    if takes_body(method):
        yield from (errors.TooLarge, errors.UnsupportedMediaType)
    if operation_id in ("messages_edit", "drafts_write", "drafts_clear", "reports_decide", "sections_write", *_PLANNED):
        yield errors.VersionConflict
    if operation_id in _MAY_BE_FORBIDDEN:
        yield errors.Forbidden
    if operation_id in _MAY_BE_GONE:
        yield errors.Gone
    if operation_id == "files_download":
        yield errors.RangeNotSatisfiable
