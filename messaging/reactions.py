"""The reactions of a message, elements `"<emoji> <userId>"`, by emoji and in order; pure."""

from collections.abc import Iterable
from typing import Any


def by_emoji(reactions: Iterable[str], order: Iterable[str]) -> list[dict[str, Any]]:
    """Return [{emoji, userIds, count}] of a reaction set, in the order in which the emoji were first used."""
    elements = sorted(reactions)
    found: dict[str, list[str]] = {emoji: [] for emoji in ordered_emojis(elements, order)}
    for element in elements:
        emoji, _, user_id = element.partition(" ")
        found[emoji].append(user_id)
    return [{"emoji": emoji, "userIds": user_ids, "count": len(user_ids)} for emoji, user_ids in found.items()]


def distinct_emojis(reactions: Iterable[str]) -> set[str]:
    """Return the emoji of a reaction set."""
    return {element.partition(" ")[0] for element in reactions}


def ordered_emojis(reactions: Iterable[str], order: Iterable[str]) -> list[str]:
    """Return the emoji of a reaction set in the order of their first use.

    Those of which that is not known, as an older version added them, come first, sorted: they are the oldest.
    """
    present = distinct_emojis(reactions)
    known = [emoji for emoji in dict.fromkeys(order) if emoji in present]
    return [*sorted(present.difference(known)), *known]
