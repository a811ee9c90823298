"""Administrators decide: keep, delete, warn, remove; each decision is done once, whoever is faster."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from dynamodb import store
from files import services as file_services
from foundation.cursors import decode_cursor
from foundation.errors import Forbidden, Invalid, NotFound, VersionConflict
from foundation.ids import to_wire
from messaging import selectors as messages
from messaging import services as message_services
from moderation import models, selectors, services, sweeping, telling
from moderation.notices import selectors as notices
from moderation.notices import services as notice_services
from moderation.rows import ModerationRow, case_partition
from tests.cast import Person, person
from tests.files.conftest import count_files, share
from users import selectors as users
from users.events import UserUpdated
from users.updates import UserUpdates

from .cases import case_of, detail_of, reported, says


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Whom this process tells what."""
    found: list[tuple[str, str, Mapping[str, Any]]] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda self, *update: found.append(update))
    return found


async def decide(administrator: Person, case_id: str, decision: str, **more: str) -> str | None:
    case = await services.decide_case(actor=administrator.actor, case_id=case_id, decision=decision, **more)
    assert case.state == "decided"
    return case.decision


async def test_a_message_that_is_kept_stays(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    assert await decide(dora, case.id, "keep", note="it is good soap") == "keep"
    assert "deleted" not in await messages.get_message(actor=alice.actor, message_id=message_id)
    decided = await case_of(dora, message_id, "decided")
    assert (decided.decided_by, decided.note) == (dora.id, "it is good soap")
    with pytest.raises(LookupError):
        await case_of(dora, message_id, "open")


async def test_an_administrator_deletes_what_they_cannot_read(
    dora: Person, alice: Person, bob: Person, group_id: str
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    assert await decide(dora, case.id, "delete") == "delete"
    message = await messages.get_message(actor=alice.actor, message_id=message_id)
    assert (message["deleted"], message["content"]) == (True, "")
    # And sees nothing else of the group by it.
    for attempt in (
        messages.get_message(actor=dora.actor, message_id=message_id),
        messages.list_messages(actor=dora.actor, group_id=group_id),
        message_services.delete_message(actor=dora.actor, message_id=await says(bob, group_id, "more soap")),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_message_that_is_gone_meanwhile_is_decided(
    dora: Person, alice: Person, bob: Person, group_id: str
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    await message_services.delete_message(actor=bob.actor, message_id=message_id)
    assert await decide(dora, case.id, "delete") == "delete"


async def test_its_files_go_also_when_the_first_attempt_broke_off(
    dora: Person, alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await share(bob, group_id, b"soap")
    (sent,) = (await messages.list_messages(actor=alice.actor, group_id=group_id)).messages
    case = await reported(alice, dora, sent["id"])

    async def broken(**files: Any) -> None:
        raise RuntimeError(file.id)

    with monkeypatch.context() as patch:
        patch.setattr(file_services, "discard_files", broken)
        with pytest.raises(RuntimeError):
            await message_services.delete_reported_message(actor=dora.actor, message_id=sent["id"])
    assert await count_files(group_id) == 1
    await decide(dora, case.id, "delete")
    assert await count_files(group_id) == 0


async def test_who_is_warned_is_told_once_and_not_by_whom_they_were_reported(
    dora: Person, alice: Person, bob: Person, group_id: str, told: list[tuple[str, str, Mapping[str, Any]]]
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    with pytest.raises(Invalid):
        await services.decide_case(actor=dora.actor, case_id=case.id, decision="warn")
    for _ in range(2):
        await decide(dora, case.id, "warn", warning="No soap here.", note="by alice")
    (notice,) = await notices.list_notices(actor=bob.actor)
    assert (notice.text, notice.thing.id) == ("No soap here.", message_id)
    assert not {alice.id, dora.id} & set(map(str, notice.as_wire().values()))
    mine = [(kind, change) for user_id, kind, change in told if user_id == bob.id and kind == UserUpdated.NOTICE]
    assert mine == [(UserUpdated.NOTICE, {"notice": notice.as_wire()})]
    assert await notices.count_unread(actor=bob.actor) == 1
    for _ in range(2):
        await notice_services.read_notice(actor=bob.actor, notice_id=notice.id)
    assert await notices.count_unread(actor=bob.actor) == 0
    assert (await notices.list_notices(actor=bob.actor))[0].read_at is not None
    with pytest.raises(NotFound):
        await notice_services.read_notice(actor=alice.actor, notice_id=notice.id)


async def test_who_is_removed_is_deactivated(dora: Person, alice: Person, bob: Person) -> None:
    await services.report_person(actor=alice.actor, user_id=bob.id, reason="threat")
    case = await case_of(dora, bob.id)
    with pytest.raises(Invalid):
        await services.decide_case(actor=dora.actor, case_id=case.id, decision="delete")
    assert await decide(dora, case.id, "remove") == "remove"
    assert (await users.get_user(user_id=bob.id)).is_deactivated


async def test_who_administers_is_not_removed_by_a_case(
    dora: Person, alice: Person, bob: Person, settings: Settings
) -> None:
    settings.ADMINISTRATORS = frozenset([dora.id, bob.id])
    await services.report_person(actor=alice.actor, user_id=bob.id, reason="threat")
    case = await case_of(dora, bob.id)
    with pytest.raises(Forbidden):
        await services.decide_case(actor=dora.actor, case_id=case.id, decision="remove")
    assert (await case_of(dora, bob.id)).state == "open"


async def test_of_two_decisions_one_holds(
    dora: Person, alice: Person, bob: Person, group_id: str, settings: Settings
) -> None:
    eric = await person("Eric")
    settings.ADMINISTRATORS = frozenset([dora.id, eric.id])
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    outcomes = await asyncio.gather(
        services.decide_case(actor=dora.actor, case_id=case.id, decision="keep"),
        services.decide_case(actor=eric.actor, case_id=case.id, decision="delete"),
        return_exceptions=True,
    )
    held = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)] == [VersionConflict]
    message = await messages.get_message(actor=alice.actor, message_id=message_id)
    assert bool(message.get("deleted")) == (held[0].decision == "delete")


async def test_a_decision_that_was_not_finished_is_gone_on_with(
    dora: Person, alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await reported(alice, dora, await says(bob, group_id, "buy my soap"))
    moment = datetime.now(UTC)
    await models.claim_case(case.id, "delete", at=to_wire(moment), stale=to_wire(moment - timedelta(minutes=1)))
    with pytest.raises(VersionConflict):
        await services.decide_case(actor=dora.actor, case_id=case.id, decision="keep")
    monkeypatch.setattr(services, "_CLAIM_SECONDS", -1)
    assert await decide(dora, case.id, "keep") == "keep"


async def test_a_decision_is_noted_by_who_repeats_it_after_a_lost_response(
    dora: Person, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide_case = models.decide_case
    for error, noted in ((store.OutcomeUnknown, 0), (store.ConditionFailed, 1)):

        async def lost(*args: Any, error: type[Exception] = error, **kwargs: Any) -> None:
            await decide_case(*args, **kwargs)
            raise error

        await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")
        case = await case_of(dora, bob.id)
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="workspace.audit"):
            with monkeypatch.context() as patch, suppress(store.OutcomeUnknown):
                patch.setattr(models, "decide_case", lost)
                await decide(dora, case.id, "keep")
            lines = [line for line in caplog.messages if line.startswith(f"report.decide by={dora.id} case={case.id}")]
            assert len(lines) == noted
            await decide(dora, case.id, "keep")
        assert f"report.decide by={dora.id} case={case.id}" in " ".join(caplog.messages)


async def test_what_was_decided_may_be_reported_again(
    dora: Person, alice: Person, bob: Person, charlie: Person, settings: Settings
) -> None:
    for who in (alice, charlie):
        await services.report_person(actor=who.actor, user_id=bob.id, reason="spam")
    first = await case_of(dora, bob.id)
    await decide(dora, first.id, "keep")
    for count, who in enumerate((alice, charlie), 1):
        again = await services.report_person(actor=who.actor, user_id=bob.id, reason="threat")
        assert "duplicate" not in again
        second = await case_of(dora, bob.id)
        assert (second.id != first.id, second.reports) == (True, count)
    # What is erased of the first leaves the second alone.
    settings.REPORT_EVIDENCE_DAYS = -1
    await sweeping.sweep()
    repeated = await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")
    assert repeated["duplicate"]
    assert (await case_of(dora, bob.id)).reports == 2
    assert [report.reason for report in (await detail_of(dora, second)).reports] == ["threat", "threat"]


async def test_a_report_whose_response_was_lost_is_no_second_case(
    dora: Person, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_case = models.open_case

    async def stored_and_decided(*args: Any, **kwargs: Any) -> None:
        await open_case(*args, **kwargs)
        await decide(dora, (await case_of(dora, bob.id)).id, "keep")
        raise store.ConditionFailed

    monkeypatch.setattr(models, "open_case", stored_and_decided)
    reported = await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")
    assert "duplicate" not in reported
    with pytest.raises(LookupError):
        await case_of(dora, bob.id)


async def test_pages_of_the_queue_go_to_the_end(dora: Person, alice: Person, bob: Person, group_id: str) -> None:
    cases = [await reported(alice, dora, await says(bob, group_id, f"soap {number}")) for number in range(5)]
    found, cursor = [], None
    while True:
        page = await selectors.list_cases(actor=dora.actor, cursor=cursor, limit=2)
        found += [case.id for case in page.cases]
        if page.next_cursor is None:
            break
        cursor = decode_cursor(page.next_cursor, 1)
    assert [id_ for id_ in found if id_ in {case.id for case in cases}] == [case.id for case in reversed(cases)]
    assert page.open >= 5


async def test_evidence_is_erased_some_time_after_the_decision(
    dora: Person, alice: Person, bob: Person, group_id: str, settings: Settings
) -> None:
    message_id = await says(bob, group_id, "buy my soap")
    case = await reported(alice, dora, message_id)
    settings.REPORT_EVIDENCE_DAYS = 0
    await sweeping.sweep()
    assert (await detail_of(dora, case)).evidence is not None
    settings.REPORT_EVIDENCE_DAYS = 90
    await decide(dora, case.id, "keep")
    assert (await detail_of(dora, case)).reports
    settings.REPORT_EVIDENCE_DAYS = -1
    detail = await detail_of(dora, case)
    assert (detail.evidence, detail.reports) == (None, [])
    await sweeping.sweep()
    left = await store.call(lambda: [row.item for row in ModerationRow.query(case_partition(case.id))])
    assert left == ["case"]
    settings.REPORT_EVIDENCE_DAYS = 90
    assert (await detail_of(dora, case)).evidence is None
    assert (await case_of(dora, message_id, "decided")).decision == "keep"


async def test_administrators_are_told_how_many_are_open(
    dora: Person, alice: Person, bob: Person, told: list[tuple[str, str, Mapping[str, Any]]], settings: Settings
) -> None:
    settings.ADMINISTRATORS = frozenset([dora.id, bob.id])
    await services.report_person(actor=alice.actor, user_id=bob.id, reason="spam")
    await telling.tell_administrators(bob.id)
    counts = {user_id: change["open"] for user_id, kind, change in told if kind == UserUpdated.REPORTS}
    # Nothing tells bob that there is something about him. Other tests have made administrators too.
    assert dora.id in counts
    assert bob.id not in counts
    await telling.tell_administrators(alice.id)
    counts = {user_id: change["open"] for user_id, kind, change in told if kind == UserUpdated.REPORTS}
    assert counts[dora.id] == counts[bob.id] + 1
    assert alice.id not in [user_id for user_id, _, _ in told]
