"""Which budgets of `RATE_LIMITS` a request to an address draws on."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import Resolver404, resolve

SIGN_IN = "web:sign-in"
# Whoever is signed in may guess a link to a group there; the page takes it in its address too.
INVITED = "web:invited"
LINK_DOORS = frozenset(("invitation-link-read", "invitation-link-use", INVITED))
# Whoever has no session yet: a password, or a link, may be guessed there.
_ACCOUNT_DOORS = ("account-sign-in", "account-join", "account-reset", "account-forgotten", "passkey-sign-in")
ACCOUNT_DOORS = frozenset((*_ACCOUNT_DOORS, "web:join", "web:reset", "web:forgotten", "web:passkey-sign-in"))
# Where a browser goes out to the provider, and comes back: GETs, but each is an attempt, or a request to the provider.
OIDC_DOORS = frozenset(f"web:oidc-{name}" for name in ("sign-in", "callback", "join", "sign-out"))
# What a browser is asked for a passkey: nothing can be guessed there.
PASSKEY_OPTIONS = frozenset(("passkey-sign-in-options", "web:passkey-options"))
# Its form takes a token, which may be guessed like a password.
STATUS = "web:status"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# A probe that was refused would take a server out that works; a report is made once a second, however many ask.
UNLIMITED = frozenset(("health", "health-live", "health-ready"))
# Whoever calls is not looked at there: these count by address.
WEBHOOK = "clerk-webhook"
PROVIDER_SIGN_OUT = "oidc-provider-sign-out"
PUBLIC = (
    ACCOUNT_DOORS
    | PASSKEY_OPTIONS
    | OIDC_DOORS
    | frozenset((SIGN_IN, STATUS, WEBHOOK, PROVIDER_SIGN_OUT, "web:language"))
    | frozenset(("web:service-worker", "api", "jwks", "logo-image", "schema", "docs", "asyncapi", "events"))
)
# Nobody is kept from signing out.
SIGN_OUT = frozenset(("web:sign-out", "account-sign-out"))
UPLOADS = frozenset(
    (
        *("upload", "uploads", "my-picture", "group-picture", "logo"),
        *("web:profile-picture", "web:group-picture", "web:workspace-logo"),
    )
)
# Their services draw on budgets in memory, as the events of sockets do.
MESSAGES = frozenset(
    (
        *("messages", "message", "reactions", "read", "unread"),
        *("follow", "inbox-read", "pin", "save", "forward", "drafts"),
        *("own-settings", "sections"),
        *("scheduled", "scheduled-message", "reminders", "reminder"),
    )
)
MESSAGE_FORMS = frozenset(
    f"web:{name}"
    for name in (
        *("send", "preview", "edit", "delete", "react", "add-reaction", "remove-reaction", "mark-read", "mark-unread"),
        *("follow", "unfollow", "read-thread", "read-inbox", "read-places", "pin", "save", "forward"),
        *("own-settings", "change-sections"),
        *("schedule", "change-scheduled", "cancel-scheduled", "remind", "cancel-reminder"),
    )
)
LISTS = frozenset(
    (
        *("users", "groups", "members", "messages", "changes", "thread", "history", "mentionable", "files"),
        *("directory", "threads", "inbox", "pins", "saved", "drafts", "audit", "audit-export", "cases", "notices"),
        *("accounts", "invitations", "account-sessions", "account-passkeys", "deactivated", "sections"),
        *("teams", "team-members", "blocked", "notification-why", "search"),
        *("invitation-links", "my-invitations", "asked"),
        *("scheduled", "reminders"),
    )
)
PAGES_WITH_LISTS = frozenset(
    f"web:{name}"
    for name in (
        *("home", "group", "thread", "history", "members", "threads", "inbox", "unread", "people", "search"),
        "ask-for-owner",
        *("account", "accounts", "audit", "directory", "notices", "reports", "workspace", "why"),
        *("teams", "team", "blocked"),
        *("invitation-links", "my-invitations", "new-direct"),
        *("sections", "permalink", "pins", "saved", "quote", "forward", "planned", "plan"),
    )
)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a request goes: the budgets that it draws on (none: unlimited), and who calls there."""

    budgets: tuple[str, ...]
    public: bool = False
    is_page: bool = False


def door_of(method: str, path: str) -> Door:
    """Return what a request to this path draws on; what has no view, or is not named above, draws on `all` too."""
    return _known_door(method, path) if len(path) <= _MAX_KNOWN_PATH else _find_door(method, path)


def _find_door(method: str, path: str) -> Door:
    if path.startswith(settings.STATIC_URL):
        return Door(())
    try:
        match = resolve(path)
    except Resolver404:
        return Door(("all",), public=True)
    name = match.view_name
    if name in UNLIMITED:
        return Door(())
    if match.url_name is None:
        return Door(("all",), public=True)
    own = _own_budget(method, name)
    # Own budgets first: a caller over one of them uses up no more of what is for everything.
    return Door((own, "all") if own else ("all",), public=name in PUBLIC, is_page=name.startswith("web:"))


# What requests draw on in place of `write`.
_OWN = {
    **dict.fromkeys(ACCOUNT_DOORS | OIDC_DOORS | {SIGN_IN, STATUS}, "sign_in"),
    **dict.fromkeys(LINK_DOORS, "link"),
    **dict.fromkeys(UPLOADS, "upload"),
    **dict.fromkeys((WEBHOOK, PROVIDER_SIGN_OUT), "webhook"),
}
# Django tries one pattern after the other, for 60 µs.
_MAX_KNOWN_PATH = 200
_known_door = lru_cache(maxsize=2_000)(_find_door)


def _own_budget(method: str, name: str) -> str | None:
    if method in _SAFE and name not in OIDC_DOORS | {INVITED}:
        return "list" if name in LISTS | PAGES_WITH_LISTS else None
    if name in _OWN:
        return _OWN[name]
    if name == "resumable-upload":
        # A file of 100 MB may come in hundreds of parts.
        return None
    return None if name in MESSAGES | MESSAGE_FORMS | SIGN_OUT else "write"
