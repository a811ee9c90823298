"""However many guess passwords at once: two are hashed at a time, a few wait, and strangers leave places to others."""

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from accounts import hashing
from foundation.errors import Unauthenticated, Unavailable
from tests.accounts.cast import HERE, Member, refusal, sign_in


async def test_two_passwords_are_hashed_at_once_and_a_few_wait(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, go = Counter[str](), 0, threading.Event()
    lock = threading.Lock()

    def slow(password: str, stored: str) -> tuple[bool, bool]:
        nonlocal most
        with lock:
            running["now"] += 1
            most = max(most, running["now"])
        assert go.wait(30)
        with lock:
            running["now"] -= 1
        return False, False

    monkeypatch.setattr(hashing, "verify_password", slow)
    attempts = [asyncio.ensure_future(refusal(member, password="wrong")) for _ in range(hashing.MAX_STRANGERS + 5)]
    # Those beyond what may wait are told to come back; the loop is free meanwhile.
    done, waiting = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 5:
        more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    refused = [each.result() for each in done]
    assert all(isinstance(error, Unavailable) and error.retry_after for error in refused)
    go.set()
    answers = [type(each.result()) for each in (await asyncio.wait(waiting))[0]]
    assert answers == [Unauthenticated] * hashing.MAX_STRANGERS
    assert most <= hashing.AT_ONCE


async def test_strangers_leave_places_to_known_devices(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    go, asked, check = threading.Event(), asyncio.Event(), hashing.check_password

    async def check_and_say(*args: Any, **options: Any) -> tuple[bool, bool]:
        asked.set()
        return await check(*args, **options)

    monkeypatch.setattr(hashing, "verify_password", lambda password, stored: (go.wait(30), False))
    strangers = [asyncio.ensure_future(check("x", "y", by_stranger=True)) for _ in range(hashing.MAX_STRANGERS)]
    await asyncio.sleep(0)
    assert isinstance(await refusal(member), Unavailable)
    monkeypatch.setattr(hashing, "check_password", check_and_say)
    known = asyncio.ensure_future(sign_in(member, client=replace(HERE, device=member.device)))
    await asyncio.wait((known, asyncio.ensure_future(asked.wait())), return_when=asyncio.FIRST_COMPLETED)
    # It has its place while no stranger has given one back.
    go.set()
    assert (await known).id == member.id
    await asyncio.gather(*strangers)
    assert hashing._places._value == hashing.MAX_PENDING
    assert hashing._strangers_places._value == hashing.MAX_STRANGERS


async def test_who_goes_away_gives_the_place_back(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(hashing, "verify_password", lambda password, stored: (go.wait(30), False))
    attempts = [asyncio.ensure_future(hashing.check_password("x", "y")) for _ in range(hashing.MAX_PENDING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await hashing.check_password("x", "y")
    for each in attempts[hashing.AT_ONCE :]:
        each.cancel()
    await asyncio.gather(*attempts[hashing.AT_ONCE :], return_exceptions=True)
    go.set()
    assert await asyncio.gather(*attempts[: hashing.AT_ONCE]) == [(True, False)] * hashing.AT_ONCE
    assert await hashing.check_password("x", "y") == (True, False)
