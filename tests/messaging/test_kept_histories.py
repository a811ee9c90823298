"""Whatever two devices of one user, and another user, do at once in two processes: what is kept follows from it alone.

Pins follow from the group's log, drafts and saved messages from what was acknowledged: of each, the greatest version.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import AppError
from groups import services as groups
from messaging import services
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import serving
from tests.socket_client import SocketClient, connected

MESSAGES = 3
UNLIMITED = {"RATE_LIMITS": "off", "MAX_DRAFTS": "1000", "MAX_PINS": "2"}
Act = tuple[str, str, int, str]  # device, kind, number of the message, detail


@dataclass
class Stage:
    """Bob's two devices and one of alice's, at two processes."""

    bob: Person
    alice: Person
    devices: dict[str, SocketClient]
    http: httpx.AsyncClient


@dataclass
class History:
    """What was acknowledged in one group: by user and message, or by user alone."""

    group_id: str
    message_ids: list[str]
    drafts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    saved: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    bob, alice = await person("Bob"), await person("Alice")
    async with AsyncExitStack() as stack:
        servers = await asyncio.gather(*(stack.enter_async_context(serving(UNLIMITED)) for _ in range(2)))
        owners = {"bob's phone": (0, bob), "bob's desk": (1, bob), "alice's": (1, alice)}
        devices = {
            name: await stack.enter_async_context(connected(servers[number].url, user))
            for name, (number, user) in owners.items()
        }
        http = await stack.enter_async_context(http_client(servers[0].url, bob))
        yield Stage(bob, alice, devices, http)


acts = st.tuples(
    st.sampled_from(["bob's phone", "bob's desk", "alice's"]),
    st.sampled_from(["pin", "save", "draft", "draft", "delete", "membership"]),
    st.integers(0, MESSAGES - 1),
    st.sampled_from(["add", "remove", "a", "b", ""]),
)
# What is in one list happens at the same time.
histories = st.lists(st.lists(acts, min_size=1, max_size=4), max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(rounds=histories)
async def test_what_is_kept_follows_from_what_was_done(stage: Stage, rounds: list[list[Act]]) -> None:
    history = await _begin(stage)
    known: dict[str, int] = defaultdict(int)
    for together in rounds:
        await asyncio.gather(*(_perform(stage, history, known, act) for act in together))
    # Who has left sees nothing of a group, and everything once they are back.
    await groups.add_members(actor=stage.alice.actor, group_id=history.group_id, user_ids=[stage.bob.id])
    await _check_drafts(stage, history)
    await _check_saved(stage, history)
    await _check_pins(stage, history)


async def _begin(stage: Stage) -> History:
    group = await groups.create_group(actor=stage.alice.actor, name="Harbour", member_ids=[stage.bob.id])
    sent = [
        await services.send_message(actor=stage.alice.actor, group_id=group.id, content=f"{number}")
        for number in range(MESSAGES)
    ]
    return History(group.id, [each["message"]["id"] for each in sent])


async def _perform(stage: Stage, history: History, known: dict[str, int], act: Act) -> None:
    name, kind, number, detail = act
    device, user = stage.devices[name], name.partition("'")[0]
    message_id, action = history.message_ids[number], "remove" if detail in ("remove", "") else "add"
    match kind:
        case "draft":
            # A device that knows of a version writes over that one alone; else whatever there is.
            version = {"ifVersion": known[name]} if detail != "remove" else {}
            data = {"groupId": history.group_id, "content": f"{name} {detail}" if detail else "", **version}
            ack = await device.send("draft", data)
            assert ack["ok"] or ack["error"]["code"] in ("version_conflict", "not_found")
            if ack["ok"]:
                assert ack["draft"]["content"] == data["content"]
                history.drafts[user].append(ack["draft"])
                known[name] = ack["draft"]["version"]
        case "save":
            ack = await device.send("save_message", {"messageId": message_id, "action": action})
            assert ack["ok"] or ack["error"]["code"] in ("gone", "not_found")
            if ack["ok"]:
                history.saved[user, message_id].append(ack)
        case "pin":
            ack = await device.send("pin", {"messageId": message_id, "action": action})
            assert ack["ok"] or ack["error"]["code"] in ("gone", "invalid", "not_found")
        case "membership":
            # Somebody else may have been faster.
            with suppress(AppError):
                await _move(stage, history, joins=action == "add")
        case "delete" if detail == "add":
            await device.send("delete_message", {"messageId": message_id})


async def _move(stage: Stage, history: History, *, joins: bool) -> None:
    """Have alice add bob to the group, or remove him."""
    actor, group_id, user_id = stage.alice.actor, history.group_id, stage.bob.id
    if joins:
        await groups.add_members(actor=actor, group_id=group_id, user_ids=[user_id])
    else:
        await groups.remove_member(actor=actor, group_id=group_id, user_id=user_id)


async def _check_drafts(stage: Stage, history: History) -> None:
    written = sorted(history.drafts["bob"], key=lambda draft: int(draft["version"]))
    by_version = {draft["version"]: draft for draft in written}
    # A version is one write, acknowledged to whoever has sent just this.
    assert all(by_version[draft["version"]] == draft for draft in written)
    stored = (await stage.http.get(f"/api/drafts?groupId={history.group_id}")).json()["drafts"]
    assert stored == written[-1:]
    if written:
        await _is_told(stage, "draft", lambda data: data["groupId"] == history.group_id, written[-1])


async def _check_saved(stage: Stage, history: History) -> None:
    page = (await stage.http.get("/api/saved?limit=100")).json()["saved"]
    stored = {each["messageId"] for each in page}
    for message_id in history.message_ids:
        acknowledged = history.saved["bob", message_id]
        never: dict[str, Any] = {"saved": False}
        last = max(acknowledged, key=lambda ack: int(ack["version"]), default=never)
        assert (message_id in stored) is last["saved"]
        changes = [ack for ack in acknowledged if ack["saved"]]
        if changes and last["saved"]:
            await _is_told(stage, "saved", lambda data, id_=message_id: data["messageId"] == id_, {"saved": True})


async def _is_told(stage: Stage, kind: str, matches: Any, expected: dict[str, Any]) -> None:
    """Return once both devices of bob's, by the greatest version that they were told, have what is stored."""
    for name in ("bob's phone", "bob's desk"):
        device = stage.devices[name]

        def is_so(device: SocketClient = device) -> bool:
            told = [data for data in device.all("user_update") if data["kind"] == kind and matches(data)]
            last: dict[str, Any] = max(told, key=lambda data: int(data["version"]), default={})
            return expected.items() <= last.items()

        await device.wait_until(is_so)


async def _check_pins(stage: Stage, history: History) -> None:
    changes = (await stage.http.get(f"/api/messages/changes?groupId={history.group_id}&since=0")).json()["changes"]
    pinned: set[str] = set()
    for change in changes:
        message_id = change["data"].get("messageId", "")
        if change["event"] == "message_delete":
            pinned.discard(message_id)
        elif change["event"] == "pin_update":
            adds = change["data"]["action"] == "add"
            # Nothing is pinned twice, or unpinned where it is not pinned, and never too many.
            assert (message_id in pinned) is not adds
            pinned ^= {message_id}
            assert len(pinned) <= int(UNLIMITED["MAX_PINS"])
    listed = (await stage.http.get(f"/api/groups/{history.group_id}/pins")).json()["messages"]
    assert {message["id"] for message in listed} == pinned
    page = (await stage.http.get(f"/api/messages?groupId={history.group_id}")).json()["messages"]
    assert {message["id"] for message in page if "pinned" in message} == pinned
