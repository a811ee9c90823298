"""The words that the services have for states of things, as pages show them."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    # Roles in groups, in teams and in the workspace.
    "owner": _("owner"),
    "admin": _("admin"),
    "member": _("member"),
    "guest": _("guest"),
    "manager": _("manager"),
    "members": _("members"),
    "guests": _("guests"),
    # Of a part of the server.
    "ok": _("ok"),
    "degraded": _("degraded"),
    "down": _("down"),
    "unknown": _("unknown"),
    # Of a person.
    "online": _("online"),
    "away": _("away"),
    "offline": _("offline"),
}


def word_for(name: str) -> str:
    """Return the word for a state; what has none is shown as it is."""
    return str(WORDS.get(name, name))
