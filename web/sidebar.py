"""How the list of groups is arranged: one's notes first, then favourites, one's sections, and the others."""

from collections.abc import Callable, Sequence
from typing import Any

from groups.sections.models import Sections
from groups.summary import GroupSummary


def arrange(rows: Sequence[GroupSummary], sections: Sections) -> dict[str, Any]:
    """Return the sidebar's lists: each group is in one of them, in the order of the rows."""
    known = {section.id for section in sections.sections}

    def rows_where(place: str) -> list[GroupSummary]:
        return [row for row in rows if _place_of(row, known) == place]

    return {
        "notes": rows_where("notes"),
        "favourites": rows_where("favourites"),
        "sections": [_section(section, rows_where) for section in sections.sections],
        "groups": rows_where("group"),
        "direct": rows_where("direct"),
        "all_sections": sections.sections,
        "sections_version": sections.version,
    }


def _section(section: Any, rows_where: Callable[[str], list[GroupSummary]]) -> dict[str, Any]:
    return {**section.as_wire(), "rows": rows_where(section.id)}


def _place_of(row: GroupSummary, known: set[str]) -> str:
    if row.is_notes:
        return "notes"
    if row.own.favourite:
        return "favourites"
    if row.own.section_id in known:
        return row.own.section_id or ""
    return "direct" if row.kind == "direct" else "group"
