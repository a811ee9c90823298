"""Sections are written all at once: a device that has not seen the last ones overwrites nothing."""

import asyncio
from typing import Any

import pytest

from foundation.errors import Invalid, VersionConflict
from foundation.validation import validated
from groups.sections.models import Sections
from groups.sections.selectors import get_sections
from groups.sections.serializers import MAX_SECTIONS, WriteSectionsInput
from groups.sections.services import write_sections
from tests.cast import Person


async def write(person: Person, version: int, *sections: dict[str, Any]) -> Sections:
    return await write_sections(actor=person.actor, sections=sections, if_version=version)


async def names(person: Person) -> list[str]:
    return [section.name for section in (await get_sections(actor=person.actor)).sections]


async def test_they_are_made_renamed_ordered_and_deleted(bob: Person, alice: Person) -> None:
    assert await get_sections(actor=bob.actor) == Sections()
    made = await write(bob, 0, {"name": "Projects"}, {"name": "Fun", "collapsed": True})
    projects, fun = made.sections
    assert (fun.collapsed, projects.collapsed, made.version) == (True, False, 1)
    moved = await write(bob, 1, {"id": fun.id, "name": "Leisure"}, {"id": projects.id, "name": "Projects"})
    assert [(section.id, section.name, section.collapsed) for section in moved.sections] == [
        (fun.id, "Leisure", False),
        (projects.id, "Projects", False),
    ]
    await write(bob, 2, {"id": projects.id, "name": "Projects"})
    assert await names(bob) == ["Projects"]
    assert await names(alice) == []


async def test_of_two_devices_one_is_refused(bob: Person) -> None:
    made = await write(bob, 0, {"name": "Projects"})
    kept = {"id": made.sections[0].id, "name": "Projects"}
    results = await asyncio.gather(
        *(write(bob, 1, kept, {"name": f"Device {n}"}) for n in range(4)), return_exceptions=True
    )
    written = [result for result in results if isinstance(result, Sections)]
    assert len(written) == 1
    assert all(isinstance(result, Sections | VersionConflict) for result in results)
    assert await get_sections(actor=bob.actor) == written[0]
    with pytest.raises(VersionConflict):
        await write(bob, 0)


async def test_a_write_that_is_repeated_is_made_once(bob: Person) -> None:
    first = await write(bob, 0, {"name": "Projects"}, {"name": "Fun"})
    assert await write(bob, 0, {"name": "Projects"}, {"name": "Fun"}) == first
    with pytest.raises(VersionConflict):
        await write(bob, 0, {"name": "Projects"})


async def test_an_id_is_one_of_ones_own_once(bob: Person, alice: Person) -> None:
    his = (await write(bob, 0, {"name": "Projects"})).sections[0].id
    with pytest.raises(Invalid):
        await write(alice, 0, {"id": his, "name": "Mine"})
    with pytest.raises(Invalid):
        await write(bob, 1, {"id": his, "name": "Projects"}, {"id": his, "name": "Projects"})
    assert (await names(bob), await names(alice)) == (["Projects"], [])


@pytest.mark.parametrize(
    "sections",
    [
        [{"name": "x"}] * (MAX_SECTIONS + 1),
        [{"name": " "}],
        [{"name": "x" * 81}],
        [{"name": "a\u200bb"}],
        [{"name": "x", "collapsed": "perhaps"}],
        [{"name": "x", "collapsed": 1}],
        [{"name": "x", "id": 5}],
        ["x"],
        {"name": "x"},
        None,
    ],
)
def test_what_is_no_list_of_sections_is_refused(sections: Any) -> None:
    with pytest.raises(Invalid):
        validated(WriteSectionsInput, {"sections": sections, "ifVersion": 0})


async def test_as_many_as_there_may_be_fit(bob: Person) -> None:
    many = [{"name": "\N{GRINNING FACE}" * 80}] * MAX_SECTIONS
    data = validated(WriteSectionsInput, {"sections": many, "ifVersion": 0})
    assert len((await write_sections(actor=bob.actor, **data)).sections) == MAX_SECTIONS
