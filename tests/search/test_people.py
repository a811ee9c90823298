"""People are found by their names beside messages: those whom the caller may see."""

from uuid import uuid4

from search.by_name import MAX_PEOPLE
from search.selectors import search
from tests.cast import Person, person
from tests.search.searching import cursor_of, index, say
from tests.workspace.cast import give_role
from users.roles import GUEST
from users.services import update_profile


async def people(who: Person, query: str) -> list[str]:
    return [user["id"] for user in (await search(actor=who.actor, query=query)).get("people", ())]


async def test_who_is_called_so_is_found_by_name_and_handle(alice: Person) -> None:
    family = f"Ünal{uuid4().hex[:8]}"
    ada = await person(f"Ada {family}")
    await update_profile(actor=ada.actor, handle=f"h{family[4:]}")
    for query in (family, family.upper().replace("Ü", "u"), f"ada {family}", f'"Ada {family}"', f"@h{family[4:]}"):
        assert await people(alice, query) == [ada.id]
    for query in (f"{family} -ada", f"x{family}", f"ada {family} {'x' * 64}", f"{family} ada"):
        assert await people(alice, query) == []
    # The operators are of messages.
    assert await people(alice, f"{family} has:file") == [ada.id]
    assert "people" not in await search(actor=alice.actor, query="has:file")


async def test_of_many_some_are_shown_on_the_first_page(alice: Person, group_id: str) -> None:
    family = f"fam{uuid4().hex[:8]}"
    for number in range(MAX_PEOPLE + 1):
        await person(f"{family} {number}")
    for _ in range(2):
        await say(alice, group_id, f"of {family}")
    await index(group_id)
    page = await search(actor=alice.actor, query=family, limit=1)
    assert len(page["people"]) == MAX_PEOPLE
    assert page["morePeople"] is True
    rest = await search(actor=alice.actor, query=family, limit=1, cursor=cursor_of(page))
    assert not rest.keys() & {"people", "morePeople", "files"}


async def test_a_guest_finds_whom_they_share_a_group_with(alice: Person, bob: Person, group_id: str) -> None:
    family = f"fam{uuid4().hex[:8]}"
    await person(f"Zoe {family}")
    await update_profile(actor=alice.actor, name=f"Al {family}")
    guest = await give_role(bob, GUEST)
    assert await people(guest, family) == [alice.id]
    assert len(await people(alice, family)) == 2
