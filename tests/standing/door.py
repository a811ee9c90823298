"""What a door of the tables is: a request, and what each of these people gets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OK, NOT_FOUND, FORBIDDEN, INVALID, CONFLICT = "ok", "not_found", "forbidden", "invalid", "version_conflict"
# Whoever calls is not looked at there: a door for people who have no session, or for everybody.
PUBLIC = "public"
Names = Mapping[str, str]


@dataclass(frozen=True)
class Door:
    """A request, and the code that an outsider, a guest who shares nothing and a deactivated person get.

    `$group` and the like in path and data stand for what is alice's. `blocked` is what somebody whom alice has blocked
    gets there, where that differs from what carol, who has blocked nobody, lets them have.
    """

    path: str
    outsider: str
    guest: str
    data: Any = None
    deactivated: str = "deactivated"
    blocked: str | None = None

    def filled(self, names: Names) -> tuple[str, Any]:
        """Return the path and the data with these names in them."""
        return fill(self.path, names), fill(self.data, names)

    @property
    def names_something(self) -> bool:
        return "$" in f"{self.path}{self.data}"


def fill(value: Any, names: Names) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$([a-zA-Z]+)", lambda match: names[match[1]], value)
    if isinstance(value, list):
        return [fill(each, names) for each in value]
    if isinstance(value, Mapping):
        return {name: fill(each, names) for name, each in value.items()}
    return value


def alike(text: str, names: Names) -> str:
    """Return an answer without the names that were asked for: what is left must not depend on them."""
    for name, value in sorted(names.items(), key=lambda item: -len(item[1])):
        text = text.replace(value, f"~{name}~")
    return text
