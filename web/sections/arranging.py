"""What each button of the page of sections makes of them."""

from collections.abc import Callable, Sequence
from typing import Any

from foundation.errors import Invalid

Wire = dict[str, Any]
_STEPS = {"up": -1, "down": 1}


def arranged(sections: Sequence[Wire], act: str, section_id: str, name: str) -> list[Wire]:
    """Return the sections after an act on one of them; raises `Invalid` for an act or a section that there is not."""
    if act == "add":
        return [*sections, {"name": name}]
    place = next((place for place, section in enumerate(sections) if section["id"] == section_id), None)
    if place is None or act not in _ACTS:
        raise Invalid("There is no such section any more.")
    changed = [dict(section) for section in sections]
    _ACTS[act](changed, place, act, name)
    return changed


def _move(sections: list[Wire], place: int, act: str, name: str) -> None:
    section = sections.pop(place)
    sections.insert(max(0, place + _STEPS[act]), section)


def _rename(sections: list[Wire], place: int, act: str, name: str) -> None:
    sections[place]["name"] = name


def _collapse(sections: list[Wire], place: int, act: str, name: str) -> None:
    sections[place]["collapsed"] = not sections[place]["collapsed"]


def _delete(sections: list[Wire], place: int, act: str, name: str) -> None:
    del sections[place]


_ACTS: dict[str, Callable[[list[Wire], int, str, str], None]] = {
    "up": _move,
    "down": _move,
    "rename": _rename,
    "collapse": _collapse,
    "delete": _delete,
}
