"""Anybody reports what they see: once, with what it was like, and known to administrators alone."""

import asyncio

import pytest
from pytest_django import Settings

from foundation.cursors import decode_cursor
from foundation.errors import Forbidden, Gone, Invalid, NotFound, RateLimited
from foundation.limits.rates import Rate
from groups import services as groups
from messaging import group_deletion
from messaging import services as messages
from moderation import models, selectors, services
from moderation.case import Thing
from tests.cast import Person, person
from users import services as users

from .cases import case_of, detail_of, reported, says


async def test_a_report_keeps_what_was_said_through_edits_and_deletion(
    dora: Person, alice: Person, bob: Person, group_id: str
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    await messages.edit_message(actor=bob.actor, message_id=message_id, content="good morning")
    await messages.delete_message(actor=bob.actor, message_id=message_id)
    detail = await detail_of(dora, case)
    assert detail.evidence is not None
    assert (detail.evidence["content"], detail.evidence["version"]) == ("buy my soap", 1)
    assert [(report.reporter_id, report.reason) for report in detail.reports] == [(alice.id, "spam")]
    assert (case.subject_id, case.reports, case.state) == (bob.id, 1, "open")


async def test_reports_of_one_thing_are_one_case(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    erin = await person("Erin")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[erin.id])
    message_id = await says(bob, group_id, "buy my soap")
    await reported(alice, dora, message_id)
    await messages.edit_message(actor=bob.actor, message_id=message_id, content="buy my better soap")
    case = await reported(erin, dora, message_id, reason="harassment")
    assert case.reports == 2
    first, second = (await detail_of(dora, case)).reports
    assert first.evidence is None
    assert second.evidence is not None
    assert second.evidence["content"] == "buy my better soap"


async def test_a_person_reports_a_thing_once(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    report = {"actor": alice.actor, "message_id": message_id, "reason": "spam"}
    first = await services.report_message(**report)  # type: ignore[arg-type]
    again = await services.report_message(**report)  # type: ignore[arg-type]
    assert "duplicate" not in first
    assert again == {**first, "duplicate": True}
    assert (await case_of(dora, message_id)).reports == 1


async def test_many_at_once_make_one_case(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    others = [await person(f"Reporter{number}") for number in range(6)]
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[other.id for other in others])
    message_id = await says(bob, group_id, "buy my soap")
    reports = [
        services.report_message(actor=who.actor, message_id=message_id, reason="spam")
        for who in [alice, *others, *others]
    ]
    await asyncio.gather(*reports)
    case = await case_of(dora, message_id)
    assert case.reports == 7
    assert len((await detail_of(dora, case)).reports) == 7


async def test_a_person_is_reported_with_their_profile(dora: Person, alice: Person, bob: Person) -> None:
    await users.update_profile(actor=bob.actor, title="Your boss")
    await services.report_person(actor=alice.actor, user_id=bob.id, reason="other", text="He is not.")
    await users.update_profile(actor=bob.actor, title="")
    detail = await detail_of(dora, await case_of(dora, bob.id))
    assert detail.evidence is not None
    assert (detail.evidence["name"], detail.evidence["title"]) == (bob.actor.name, "Your boss")
    assert detail.reports[0].text == "He is not."


async def test_what_cannot_be_reported(
    dora: Person, alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    with pytest.raises(NotFound):
        await services.report_message(actor=charlie.actor, message_id=message_id, reason="spam")
    with pytest.raises(Invalid):
        await services.report_message(actor=bob.actor, message_id=message_id, reason="spam")
    with pytest.raises(Invalid):
        await services.report_person(actor=bob.actor, user_id=bob.id, reason="spam")
    with pytest.raises(NotFound):
        await services.report_person(actor=bob.actor, user_id="user_nobody", reason="spam")
    await messages.delete_message(actor=bob.actor, message_id=message_id)
    with pytest.raises(Gone):
        await services.report_message(actor=alice.actor, message_id=message_id, reason="spam")
    known = await models.find_known(Thing("message", message_id), alice.id)
    assert (known.open_case, known.reported_at) == (None, None)


async def test_reports_of_a_person_are_limited(alice: Person, bob: Person, settings: Settings) -> None:
    settings.RATE_LIMITS = {"report": Rate(2, 3600)}
    for _ in range(2):
        await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")
    with pytest.raises(RateLimited):
        await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")


async def test_nobody_but_administrators_sees_the_queue(
    dora: Person, alice: Person, bob: Person, group_id: str
) -> None:
    case = await reported(alice, dora, await says(bob, group_id, "buy my soap"))
    for who in (alice, bob):
        for attempt in (
            selectors.list_cases(actor=who.actor),
            selectors.get_case(actor=who.actor, case_id=case.id),
            selectors.count_open(actor=who.actor),
            services.decide_case(actor=who.actor, case_id=case.id, decision="keep"),
        ):
            with pytest.raises(Forbidden):
                await attempt


async def test_an_administrator_sees_nothing_of_what_is_about_them(
    dora: Person, alice: Person, settings: Settings
) -> None:
    eric = await person("Eric")
    settings.ADMINISTRATORS = frozenset([dora.id, eric.id])
    await services.report_person(actor=alice.actor, user_id=dora.id, reason="harassment")
    case = await case_of(eric, dora.id)
    page = await selectors.list_cases(actor=dora.actor, limit=100)
    assert case.id not in [each.id for each in page.cases]
    assert page.open == (await selectors.list_cases(actor=eric.actor)).open - 1
    with pytest.raises(NotFound):
        await selectors.get_case(actor=dora.actor, case_id=case.id)
    with pytest.raises(NotFound):
        await services.decide_case(actor=dora.actor, case_id=case.id, decision="keep")
    await services.decide_case(actor=eric.actor, case_id=case.id, decision="keep")


async def test_no_page_of_the_queue_shows_that_a_case_is_missing(
    dora: Person, alice: Person, bob: Person, group_id: str, settings: Settings
) -> None:
    eric = await person("Eric")
    settings.ADMINISTRATORS = frozenset([dora.id, eric.id])
    first = await reported(alice, eric, await says(bob, group_id, "buy my soap"))
    await services.report_person(actor=alice.actor, user_id=dora.id, reason="harassment")
    second = await reported(alice, eric, await says(bob, group_id, "more soap"))
    found: list[str] = []
    cursor = None
    # Other tests add to the queue too.
    while first.id not in found:
        page = await selectors.list_cases(actor=dora.actor, cursor=cursor, limit=1)
        found += [case.id for case in page.cases]
        assert len(page.cases) == 1
        if page.next_cursor:
            cursor = decode_cursor(page.next_cursor, 1)
            # It ends at a case that is shown.
            assert cursor[0].endswith(found[-1])
    assert [id_ for id_ in found if id_ in (first.id, second.id)] == [second.id, first.id]


async def test_a_case_outlives_its_group(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    case = await reported(alice, dora, await says(bob, group_id, "buy my soap"))
    await group_deletion.delete_group(actor=alice.actor, group_id=group_id)
    await group_deletion.erase_deleted_groups()
    assert (await detail_of(dora, case)).evidence is not None
    assert (await services.decide_case(actor=dora.actor, case_id=case.id, decision="delete")).state == "decided"
