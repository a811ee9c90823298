"""The OpenAPI document misleads nobody: it is complete, valid, and what generators and linters need."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from chatproject.openapi.document import generate as document

pytestmark = pytest.mark.unit

PUBLIC = {"jwks", "health", "health_live", "health_ready", "workspace_logo"}
# By whoever has no session yet.
WITHOUT_SESSION = {
    *("accounts_sign_in", "accounts_join", "accounts_reset", "accounts_forgotten"),
    *("accounts_passkey_sign_in", "accounts_passkey_sign_in_options"),
}
# What has a secret is kept nowhere, so it cannot be answered again.
NOT_KEPT = WITHOUT_SESSION | {
    *("accounts_change_password", "accounts_begin_totp", "accounts_confirm_totp", "accounts_disable_totp"),
    *("accounts_invite", "accounts_make_reset_link", "accounts_renew_recovery_codes", "groups_make_link"),
    *("accounts_add_passkey", "accounts_passkey_options", "accounts_remove_passkey"),
}
EITHER: list[dict[str, list[str]]] = [{"sessionToken": []}, {"sessionCookie": []}]
# Generated clients call them by these names: they do not change.
OPERATIONS = {
    *("files_download", "files_list", "files_metadata", "files_take_back", "upload"),
    *("groups_create", "groups_delete", "groups_direct", "groups_leave", "groups_list", "groups_read"),
    *("groups_rejoin", "groups_change", "groups_directory", "groups_join"),
    *("groups_own_settings", "groups_picture", "groups_set_picture", "groups_remove_picture"),
    *("sections_list", "sections_write"),
    *("groups_links", "groups_revoke_link", "groups_read_link", "groups_use_link"),
    *("groups_invitations", "groups_decline", "groups_asked", "groups_withdraw", "me_privacy", "me_set_privacy"),
    *("me_preferences", "me_set_preferences"),
    *("members_add", "members_change_role", "members_list", "members_remove"),
    *("messages_changes", "messages_delete", "messages_edit", "messages_list", "messages_mark_read"),
    "messages_mark_unread",
    *("messages_react", "messages_read", "messages_send", "messages_thread", "messages_history", "groups_mentionable"),
    *("inbox_list", "inbox_read", "threads_follow", "threads_list", "threads_unfollow"),
    *("messages_pin", "messages_save", "messages_quote", "messages_forward", "groups_pins"),
    *("drafts_clear", "drafts_list", "drafts_write", "saved_list", "search_messages"),
    *("me_read", "me_update", "users_list", "users_read", "users_picture"),
    *("teams_change", "teams_create", "teams_delete", "teams_list", "teams_read"),
    *("team_members_add", "team_members_change_role", "team_members_list", "team_members_remove"),
    *("blocked_add", "blocked_list", "blocked_remove"),
    *("notifications_settings", "notifications_change_settings", "notifications_devices", "notifications_add_device"),
    *("notifications_remove_device", "notifications_test", "notifications_why"),
    *("me_set_status", "me_clear_status", "me_set_picture", "me_remove_picture"),
    *("accounts_end_other_sessions", "accounts_end_session", "accounts_invitations", "accounts_list", "accounts_me"),
    *("workspace_change_role", "workspace_deactivate", "workspace_deactivated", "workspace_reactivate"),
    *("workspace_change", "workspace_read", "workspace_remove", "workspace_remove_logo", "workspace_set_logo"),
    *("accounts_revoke_invitation", "accounts_sessions", "accounts_sign_out", "accounts_passkeys", *NOT_KEPT),
    *PUBLIC,
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def each(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a body refers to."""
    schema: dict[str, Any] = document()["components"]["schemas"][operation["$ref"].rpartition("/")[2]]
    return schema


def test_it_is_made_without_a_warning_and_is_valid() -> None:
    said = io.StringIO()
    with redirect_stderr(said):
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert said.getvalue() == ""
    errors = list(OpenAPIV31SpecValidator(json.loads(json.dumps(document()))).iter_errors())
    assert errors == []


def test_the_operations_keep_their_names() -> None:
    assert {operation["operationId"] for _, _, operation in operations()} >= OPERATIONS


def test_a_request_has_a_token_or_a_cookie() -> None:
    for _, _, operation in operations():
        assert operation["security"] == ([] if operation["operationId"] in PUBLIC | WITHOUT_SESSION else EITHER)


def test_every_operation_is_described_with_an_example() -> None:
    tags = {tag["name"] for tag in document()["tags"]}
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert operation["summary"], where
        assert set(operation["tags"]) <= tags, where
        bodies = [
            body for status, body in operation["responses"].items() if status.startswith("2") and "content" in body
        ]
        bodies += [operation["requestBody"]] if "requestBody" in operation else []
        for body in bodies:
            for kind, media in body["content"].items():
                assert kind in ("application/octet-stream", "*/*") or "example" in media, where


def test_every_example_is_valid() -> None:
    schemas = {"components": document()["components"]}
    for path, method, operation in operations():
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for kind, media in body.get("content", {}).items():
                if kind == "application/json":
                    errors = list(Draft202012Validator({**media["schema"], **schemas}).iter_errors(media["example"]))
                    assert errors == [], f"{method} {path}"


def test_every_refusal_has_the_shape_of_errors() -> None:
    for path, method, operation in operations():
        refusals = {status: body for status, body in operation["responses"].items() if status.startswith("4")}
        assert refusals, f"{method} {path}"
        if operation["security"]:
            assert {"400", "401", "429"} <= refusals.keys(), f"{method} {path}"
        for status, body in refusals.items():
            schema = body["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorResponse"}, f"{method} {path} {status}"


def test_ids_of_the_path_are_not_asked_for_again() -> None:
    for path, method, operation in operations():
        in_path = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "path"}
        others = {item["name"] for item in operation.get("parameters", ()) if item["in"] != "path"}
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        others |= each(body["schema"])["properties"].keys() if body else set()
        assert not in_path & others, f"{method} {path}"


def test_a_change_says_what_it_needs() -> None:
    bodies = {
        operation["operationId"]: each(next(iter(operation["requestBody"]["content"].values()))["schema"])
        for _, _, operation in operations()
        if "requestBody" in operation
    }
    assert bodies["messages_edit"]["required"] == ["content"]
    assert bodies["members_change_role"]["required"] == ["role"]
    assert bodies["messages_send"]["properties"]["content"]["maxLength"] == 10_000
    assert bodies["members_add"]["properties"]["userIds"]["minItems"] == 1


def test_what_changes_something_may_be_repeated_and_may_be_conditional() -> None:
    for _, method, operation in operations():
        headers = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "header"}
        is_kept = method != "get" and operation["operationId"] not in NOT_KEPT
        assert ("Idempotency-Key" in headers) is is_kept
    by_id = {operation["operationId"]: operation for _, _, operation in operations()}
    for name in ("messages_edit", "messages_delete", "groups_change", "me_update", "files_take_back"):
        assert "If-Match" in {item["name"] for item in by_id[name]["parameters"]}
        assert "412" in by_id[name]["responses"]
