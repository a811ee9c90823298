"""Who else is in a direct conversation, and what it is called for one of its people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from users import selectors as users
from users.names import distinct_names

from .direct import PEERS_SHOWN, title_of
from .memberships import Membership
from .models import DIRECT


@dataclass(frozen=True, slots=True)
class Peer:
    """Another person in a direct conversation."""

    id: str
    name: str

    def as_wire(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name}


async def peers_of(found: Iterable[Membership]) -> dict[str, list[Peer]]:
    """Return the first PEERS_SHOWN of the others in each direct conversation, by group id, in the order of their ids.

    People of equal names have distinct ones. Equal are those of one page: a name's tag is the same on each page that
    has one (`users.names.distinct_names`).
    """
    ids = {m.group.id: m.peer_ids[:PEERS_SHOWN] for m in found if m.group.kind == DIRECT}
    if not ids:
        return {}
    people = {id_ for peers in ids.values() for id_ in peers}
    profiles = await users.get_users(user_ids=people) if people else {}
    names = distinct_names({id_: profiles[id_].name if id_ in profiles else id_ for id_ in people})
    return {group_id: [Peer(id_, names[id_]) for id_ in peers] for group_id, peers in ids.items()}


def name_for(membership: Membership, peers: Mapping[str, Sequence[Peer]]) -> str:
    """Return what the group is called for this member."""
    if membership.group.kind != DIRECT:
        return membership.group.name
    return title_of([peer.name for peer in peers[membership.group.id]], len(membership.peer_ids))
