"""Every address of the server draws on budgets: those that change something on `write`, unless it says otherwise."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chatproject import budgets
from chatproject.budgets import Door, door_of

pytestmark = pytest.mark.unit

# Reads of one thing, each of bounded cost: they draw on the wide budget alone.
SINGLE = {
    "team",
    "privacy",
    "preferences",
    *("web:settings", "web:commands"),
    *("account", "me", "user", "picture", "group", "group-picture", "message", "quote", "web:person", "web:profile"),
    *("file", "file-metadata", "thumbnail", "resumable-upload"),
    *("workspace", "logo-image"),
    *("notification-settings", "devices", "web:notifications", "web:service-worker"),
    *("case", "web:case", "web:report", "web:report-person"),
    "web:choose-reminder",
}
# Addresses of the API and of pages that are only written to.
WRITTEN = {
    *("direct", "member", "leave", "rejoin", "join-group", "upload", "uploads"),
    *("reactions", "read", "unread", "follow", "inbox-read", "pin", "save", "forward"),
    *("account-passkey-options", "account-passkey-remove", "account-recovery-codes"),
    *("account-password", "account-totp", "account-totp-confirm", "account-totp-disable", "account-session"),
    *("invitation", "reset-link", "custom-status", "my-picture", "invitation-link", "my-invitation", "asked-user"),
    *("own-settings", "invitation-link-read", "invitation-link-use"),
    *("workspace-person", "workspace-role", "deactivate", "reactivate", "logo"),
    *("reports", "case-decision", "notice-read"),
    *("team-member", "blocked-user", "scheduled-message", "reminder"),
    *("device", "notification-test"),
}
FORMS = {
    *(budgets.MESSAGE_FORMS | budgets.SIGN_OUT),
    *(f"web:account-{name}" for name in ("password", "totp", "totp-confirm", "totp-disable")),
    *(f"web:{name}" for name in ("account-end-session", "account-end-sessions", "invite", "revoke-invitation")),
    *("web:make-reset-link", "web:oidc-link", "web:oidc-unlink"),
    *(f"web:account-{name}" for name in ("recovery-codes", "passkeys", "passkey-options", "passkey-remove")),
    *(f"web:workspace-{name}" for name in ("settings", "logo", "logo-remove", "role", "deactivate", "reactivate")),
    *("web:workspace-remove", "web:workspace-invite"),
    *(f"web:{name}" for name in ("create-group", "create-direct", "add-member", "remove-member", "role", "leave")),
    *(f"web:{name}" for name in ("rename", "group-picture", "group-picture-remove", "delete-group")),
    "web:rejoin",
    "web:command",
    *(f"web:profile-{name}" for name in ("status", "status-clear", "picture", "picture-remove", "privacy")),
    *(f"web:{name}" for name in ("make-invitation-link", "revoke-invitation-link", "decline-invitation", "invited")),
    "web:withdraw-invitation",
    *("web:join-group", "web:group-settings", "web:group-rules", "web:group-archive"),
    *("web:decide", "web:read-notice"),
    *(f"web:team-{name}" for name in ("change", "delete", "add", "remove", "role")),
    *("web:block", "web:unblock"),
    *(f"web:notifications-{name}" for name in ("save", "remove", "test")),
}


def names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}"


def test_every_address_was_decided_about() -> None:
    limited = budgets.PUBLIC | budgets.LISTS | budgets.PAGES_WITH_LISTS | SINGLE | WRITTEN | FORMS
    assert set(names(get_resolver().url_patterns)) == limited | budgets.UNLIMITED


@pytest.mark.parametrize(
    ("method", "path", "door"),
    [
        ("POST", "/sign-in", Door(("sign_in", "all"), public=True, is_page=True)),
        ("GET", "/sign-in", Door(("all",), public=True, is_page=True)),
        ("POST", "/join", Door(("sign_in", "all"), public=True, is_page=True)),
        ("POST", "/reset", Door(("sign_in", "all"), public=True, is_page=True)),
        ("POST", "/forgotten", Door(("sign_in", "all"), public=True, is_page=True)),
        ("POST", "/sign-in/passkey", Door(("sign_in", "all"), public=True, is_page=True)),
        ("POST", "/sign-in/passkey/options", Door(("write", "all"), public=True, is_page=True)),
        ("POST", "/api/accounts/passkeys/sign-in", Door(("sign_in", "all"), public=True)),
        ("POST", "/api/accounts/forgotten", Door(("sign_in", "all"), public=True)),
        ("POST", "/api/accounts/sign-in", Door(("sign_in", "all"), public=True)),
        ("POST", "/api/accounts/join", Door(("sign_in", "all"), public=True)),
        ("POST", "/api/accounts/reset", Door(("sign_in", "all"), public=True)),
        ("POST", "/api/accounts/sign-out", Door(("all",))),
        ("POST", "/api/accounts/invitations", Door(("write", "all"))),
        ("POST", "/account/password", Door(("write", "all"), is_page=True)),
        ("POST", "/sign-out", Door(("all",), is_page=True)),
        ("POST", "/api/upload", Door(("upload", "all"))),
        ("POST", "/api/uploads", Door(("upload", "all"))),
        ("PATCH", "/api/uploads/f", Door(("all",))),
        ("HEAD", "/api/uploads/f", Door(("all",))),
        ("POST", "/api/groups", Door(("write", "all"))),
        ("GET", "/api/groups", Door(("list", "all"))),
        ("HEAD", "/api/users", Door(("list", "all"))),
        ("PATCH", "/api/users/me", Door(("write", "all"))),
        ("PUT", "/api/users/me/status", Door(("write", "all"))),
        ("PUT", "/api/users/me/picture", Door(("upload", "all"))),
        ("GET", "/api/users/user_x/picture", Door(("all",))),
        ("PUT", "/api/groups/group_x/picture", Door(("upload", "all"))),
        ("GET", "/api/groups/group_x/picture", Door(("all",))),
        ("POST", "/groups/group_x/picture", Door(("upload", "all"), is_page=True)),
        ("PATCH", "/api/groups/group_x/me", Door(("all",))),
        ("PUT", "/api/users/me/sections", Door(("all",))),
        ("GET", "/api/users/me/sections", Door(("list", "all"))),
        ("POST", "/groups/group_x/delete", Door(("write", "all"), is_page=True)),
        ("GET", "/people", Door(("list", "all"), is_page=True)),
        ("POST", "/profile", Door(("write", "all"), is_page=True)),
        ("POST", "/profile/picture", Door(("upload", "all"), is_page=True)),
        ("POST", "/api/invitation-links/use", Door(("link", "all"))),
        ("POST", "/api/invitation-links/read", Door(("link", "all"))),
        ("POST", "/api/groups/group_x/invitation-links", Door(("write", "all"))),
        ("GET", "/invite", Door(("link", "all"), is_page=True)),
        ("POST", "/invite", Door(("link", "all"), is_page=True)),
        ("POST", "/groups", Door(("write", "all"), is_page=True)),
        ("GET", "/groups/group_x", Door(("list", "all"), is_page=True)),
        ("POST", "/api/messages", Door(("all",))),
        ("PUT", "/api/messages/m/follow", Door(("all",))),
        ("POST", "/api/inbox/read", Door(("all",))),
        ("GET", "/api/inbox", Door(("list", "all"))),
        ("GET", "/threads", Door(("list", "all"), is_page=True)),
        ("GET", "/unread", Door(("list", "all"), is_page=True)),
        ("POST", "/unread/read", Door(("all",), is_page=True)),
        ("POST", "/groups/group_x/messages", Door(("all",), is_page=True)),
        ("PUT", "/api/drafts", Door(("all",))),
        ("GET", "/api/drafts", Door(("list", "all"))),
        ("GET", "/groups/group_x/messages/7", Door(("list", "all"), is_page=True)),
        ("GET", "/api/files/f", Door(("all",))),
        ("BREW", "/api/groups", Door(("write", "all"))),
        ("GET", "/api/nothing", Door(("all",), public=True)),
        ("POST", "/nothing", Door(("all",), public=True)),
        ("GET", "/api/health", Door(())),
        ("GET", "/api/health/ready", Door(())),
        ("GET", "/status", Door(("all",), public=True, is_page=True)),
        ("POST", "/status", Door(("sign_in", "all"), public=True, is_page=True)),
        ("GET", "/static/web/app.css", Door(())),
    ],
)
def test_a_request_draws_on_the_budget_of_its_kind_and_on_the_wide_one(method: str, path: str, door: Door) -> None:
    assert door_of(method, path) == door
