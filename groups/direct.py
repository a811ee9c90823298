"""Direct conversations: groups without a name, of a fixed set of people, with an id made from the set.

Nobody joins or leaves one: other people have another conversation. One has up to `MAX_PEOPLE`, mostly two; the notes
that somebody writes to themselves are a conversation of one.
"""

import hashlib
from collections.abc import Collection

from django.utils.translation import gettext, ngettext

# With the one who opens it. A write that makes a group takes no more than about thirty.
MAX_PEOPLE = 20
# So many of the others are named where a conversation is one of many.
PEERS_SHOWN = 5
_MAX_TITLE = 80
_PREFIX = "direct_"


def direct_id(*user_ids: str) -> str:
    """Return the id of the conversation of these users, in any order: it can be found without a look-up."""
    people = "\n".join(sorted(set(user_ids)))
    return _PREFIX + hashlib.sha256(people.encode()).hexdigest()[:24]


def is_direct_id(group_id: str) -> bool:
    return group_id.startswith(_PREFIX)


def title_of(names: Collection[str], count: int) -> str:
    """Return what a conversation is called for one of its people: by the names of the others, who are `count`.

    Longer than a name may be, it has fewer of the names.
    """
    if not count:
        return gettext("Notes")
    shown: list[str] = []
    for name in sorted(names, key=str.casefold):
        if shown and len(", ".join([*shown, name])) > _MAX_TITLE:
            break
        shown.append(name)
    title, more = ", ".join(shown), count - len(shown)
    if not more:
        return title
    return ngettext("{names} and one other", "{names} and {count} others", more).format(names=title, count=more)
