"""What the page of the audit log shows: acts, with the names of the people whom they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from users import selectors as users
from users.actor import Actor
from users.names import is_user_id
from workspace.audit import selectors
from workspace.audit.act import MANY, Act

# Of what an act is about: the ids of people. So many of a page are named.
_PEOPLE, _MAX_NAMED = ("user", "users", "doneBy", "about"), 200
_NOBODY = {
    "operator": _("whoever runs the server"),
    "clerk": "Clerk",
    "provider": _("the provider of OpenID Connect"),
    "nobody": _("nobody known"),
    MANY: _("several"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An id or another value, as it is shown: `name` in its place where it is a person's."""

    value: str
    name: str | None = None


async def audit_context(actor: Actor, query: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the context of a page of acts; `given` has the query as the API takes it. Raises `Forbidden`."""
    page = await selectors.list_acts(actor=actor, **query)
    names = await _names(page.acts)
    filters = {name: value for name, value in given.items() if name != "cursor"}
    return {
        "actor": actor,
        "rows": [_row(act, names) for act in page.acts],
        "filters": urlencode(filters),
        "next_url": urlencode({**filters, "cursor": page.next_cursor}) if page.next_cursor else "",
        "main_key": "audit",
    }


async def _names(acts: list[Act]) -> dict[str, str]:
    about = [value for act in acts for name in _PEOPLE for value in _items(act.about.get(name, []))]
    ids = dict.fromkeys(value for value in [*(act.by for act in acts), *map(str, about)] if is_user_id(value))
    found = await users.get_users(user_ids=list(ids)[:_MAX_NAMED])
    nobody = {name: str(words) for name, words in _NOBODY.items()}
    return nobody | {user_id: user.name for user_id, user in found.items()}


def _row(act: Act, names: Mapping[str, str]) -> dict[str, Any]:
    about = [(name, [_shown(item, names) for item in _items(value)]) for name, value in act.about.items()]
    return {
        "act": act,
        "at": datetime.fromisoformat(act.at),
        "until": datetime.fromisoformat(act.until) if act.until else None,
        "by": Shown(act.by, names.get(act.by)),
        "about": about,
    }


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(value: Any, names: Mapping[str, str]) -> Shown:
    if isinstance(value, bool):
        return Shown("yes" if value else "no")
    return Shown(str(value), names.get(value) if isinstance(value, str) else None)
