"""Sessions of accounts: listed, bounded in number, and ended everywhere."""

import asyncio
import json
import time
from dataclasses import replace

import httpx
import pytest
from pytest_django import Settings
from websockets.asyncio.client import connect

from accounts import selectors, session_models
from accounts.seen import Seen
from accounts.services import sessions
from foundation.errors import NotFound
from tests.serving import serving
from users import tokens
from users.revoked import RevokedSessions

from .cast import ELSEWHERE, HERE, Member, has_ended, sign_in


async def test_sessions_say_where_they_were_seen(member: Member) -> None:
    await sign_in(member, client=ELSEWHERE)
    listed = [session.as_wire(member.actor.session_id) for session in await selectors.list_sessions(actor=member.actor)]
    assert {(session["device"], session["address"], session["current"]) for session in listed} == {
        ("Firefox on Linux", HERE.address, True),
        ("Safari on iPhone", ELSEWHERE.address, False),
    }


async def test_a_use_is_noted_now_and_then(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, claims, written = Seen(), await tokens.verify(member.token), list[str]()

    async def note_use(user_id: str, session_id: str, **where: object) -> bool:
        written.append(str(where["address"]))
        return True

    monkeypatch.setattr(session_models, "note_use", note_use)
    for address in ("203.0.113.1", "203.0.113.2"):
        seen.note(claims, address=address, agent="")
    # A renewed token is noted at once.
    seen.note(replace(claims, expires_at=claims.expires_at + 1), address="203.0.113.3", agent="")
    await asyncio.gather(*seen._writes)
    assert written == ["203.0.113.1", "203.0.113.3"]


async def test_what_nobody_has_looked_at_stays(member: Member) -> None:
    seen, claims = Seen(), await tokens.verify(member.token)
    seen.note(claims, address="203.0.113.9")
    await asyncio.gather(*seen._writes)
    seen.note(replace(claims, expires_at=claims.expires_at + 1))
    await asyncio.gather(*seen._writes)
    [session] = [each.as_wire("") for each in await selectors.list_sessions(actor=member.actor)]
    assert (session["device"], session["address"]) == ("Firefox on Linux", "203.0.113.9")


@pytest.mark.parametrize("over", ["http", "sockets"])
async def test_a_use_is_noted_without_limits_and_over_sockets(member: Member, over: str) -> None:
    async def is_seen_here() -> bool:
        [session] = await selectors.list_sessions(actor=member.actor)
        return session.address == "127.0.0.1"

    async with serving({"SIGN_IN": "accounts", "RATE_LIMITS": "off"}) as server:
        if over == "http":
            async with httpx.AsyncClient(base_url=server.url) as client:
                headers = {"Authorization": f"Bearer {member.token}"}
                assert (await client.get("/api/accounts/me", headers=headers)).status_code == 200
        else:
            async with connect(server.url.replace("http", "ws", 1) + "/ws/") as socket:
                auth = {"event": "connect", "data": {"token": member.token}}
                await socket.send(json.dumps(auth))
                await socket.recv()
        async with asyncio.timeout(20):
            while not await is_seen_here():  # noqa: ASYNC110 - a row is read, it sends no event
                await asyncio.sleep(0.05)


async def test_what_is_noted_shows_and_brings_no_ended_session_back(member: Member) -> None:
    other = await sign_in(member)
    for each in (member, other):
        expires_at = each.actor.expires_at
        await session_models.note_use(
            each.id,
            each.actor.session_id,
            address="203.0.113.9",
            agent="curl/8",
            token_expires_at=expires_at,
        )
    await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    await session_models.note_use(
        other.id, other.actor.session_id, address="203.0.113.9", agent="", token_expires_at=other.actor.expires_at + 9
    )
    (listed,) = await selectors.list_sessions(actor=member.actor)
    assert (listed.id, listed.address, listed.agent) == (member.actor.session_id, "203.0.113.9", "curl/8")


async def test_an_older_token_does_not_shorten_what_is_listed(member: Member) -> None:
    await session_models.note_use(member.id, member.actor.session_id, address="::", agent="", token_expires_at=1)
    (listed,) = await selectors.list_sessions(actor=member.actor)
    assert (listed.token_expires_at, listed.address) == (member.actor.expires_at, "::")


async def test_one_session_is_ended(member: Member) -> None:
    other, third = await sign_in(member), await sign_in(member)
    await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    assert [await has_ended(each) for each in (member, other, third)] == [False, True, False]


async def test_nobody_ends_a_session_of_somebody_else(member: Member, other: Member) -> None:
    with pytest.raises(NotFound):
        await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    assert not await has_ended(other)


async def test_all_others_are_ended(member: Member, other: Member) -> None:
    more = [await sign_in(member) for _ in range(2)]
    assert await sessions.end_other_sessions(actor=member.actor) == 2
    assert [await has_ended(each) for each in (member, other, *more)] == [False, False, True, True]


async def test_signing_out_ends_the_session_and_its_row(member: Member) -> None:
    other = await sign_in(member)
    await sessions.sign_out(actor=member.actor)
    assert await has_ended(member)
    assert [session.id for session in await selectors.list_sessions(actor=other.actor)] == [other.actor.session_id]


async def test_the_oldest_sessions_end_beyond_the_limit(member: Member, settings: Settings) -> None:
    settings.MAX_SESSIONS = 2
    for _ in range(5):
        latest = await sign_in(member)
        # Of many that began in one second, too, the one that has just begun is none of the oldest.
        assert not await has_ended(latest)
    assert len(await session_models.list_of(member.id)) == 2


async def test_with_one_session_at_a_time_the_former_ends(member: Member, settings: Settings) -> None:
    settings.MAX_SESSIONS = 1
    second = await sign_in(member)
    assert [await has_ended(member), await has_ended(second)] == [True, False]


async def test_several_sign_in_at_the_same_moment(member: Member) -> None:
    many = await asyncio.gather(*(sign_in(member) for _ in range(5)))
    assert len({each.actor.session_id for each in many}) == 5


async def test_a_browsers_former_session_has_ended(member: Member, other: Member) -> None:
    again = await sign_in(member, client=replace(HERE, former=other.token))
    assert await has_ended(other)
    assert not await has_ended(again)


async def test_a_session_whose_end_was_lost_ends_at_its_next_use(member: Member) -> None:
    """The end is in Redis alone, and the row that it could be ended by again is gone."""
    other = await sign_in(member)
    claims = await tokens.verify(other.token)
    await session_models.delete(other.id, other.actor.session_id)
    assert not await has_ended(other)
    seen = Seen()
    seen.note(claims, address="203.0.113.9", agent="")
    await asyncio.gather(*seen._writes)
    assert await has_ended(other)
    assert not await has_ended(member)


async def test_a_former_session_whose_end_not_all_have_heard_of_keeps_its_row(
    member: Member, other: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_told(self: RevokedSessions, session_id: str, expires_at: int) -> bool:
        return False

    monkeypatch.setattr(RevokedSessions, "revoke", not_told)
    await sign_in(member, client=replace(HERE, former=other.token))
    assert [session.id for session in await session_models.list_of(other.id)] == [other.actor.session_id]


async def test_a_session_with_a_renewed_token_that_is_kept_unused_is_listed(
    member: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = await sign_in(member, client=ELSEWHERE)
    (begun,) = [each for each in await session_models.list_of(member.id) if each.id == thief.actor.session_id]

    async def listed_at(moment: int) -> bool:
        monkeypatch.setattr(time, "time", lambda: moment)
        return thief.actor.session_id in [each.id for each in await selectors.list_sessions(actor=member.actor)]

    assert await listed_at(begun.token_expires_at + 1)
    assert not await listed_at(begun.created_at + settings.SESSION_LIFETIME + 1)
