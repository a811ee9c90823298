"""The doors of reports: who comes in, what they take, and what they show; events reach whom they are for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from groups import services as groups
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.socket_client import connected

from .cases import says

HOSTILE = "<script>alert(1)</script> \u202e{{ 7 }}"


@dataclass(frozen=True)
class Scene:
    """A server that dora administers; alice and bob share a group, charlie is outside."""

    server: Server
    dora: Person
    alice: Person
    bob: Person
    charlie: Person
    group_id: str

    def api(self, who: Person | None) -> httpx.AsyncClient:
        return http_client(self.server.url, who)

    def browser(self, who: Person) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.server.url, cookies={"__session": who.token}, timeout=30)


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    dora, alice, bob, charlie = [await person(name) for name in ("Dora", "Alice", "Bob", "Charlie")]
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    async with serving({"ADMINS": dora.id}) as server:
        yield Scene(server, dora, alice, bob, charlie, group.id)


async def _report(scene: Scene, message_id: str, text: str = "") -> str:
    """Report a message as alice, and return the id of its case."""
    async with scene.api(scene.alice) as alice, scene.api(scene.dora) as dora:
        sent = {"messageId": message_id, "reason": "spam", "text": text}
        response = await alice.post("/api/reports", json=sent)
        assert response.status_code == 201, response.text
        assert response.json().keys() == {"kind", "thingId", "reportedAt"}
        assert (await alice.post("/api/reports", json=sent)).status_code == 200
        cases = (await dora.get("/api/workspace/reports?limit=100")).json()["cases"]
        return next(str(case["id"]) for case in cases if case["thingId"] == message_id)


async def test_a_report_is_decided_over_http(scene: Scene) -> None:
    message_id = await says(scene.bob, scene.group_id, "buy my soap")
    case_id = await _report(scene, message_id)
    async with scene.api(scene.dora) as dora, scene.api(scene.bob) as bob:
        detail = (await dora.get(f"/api/workspace/reports/{case_id}")).json()
        assert detail["reported"]["content"] == "buy my soap"
        assert [report["userId"] for report in detail["reportedBy"]] == [scene.alice.id]
        decision = {"decision": "warn", "warning": "No soap.", "note": "first time"}
        response = await dora.post(f"/api/workspace/reports/{case_id}/decision", json=decision)
        assert response.json()["state"] == "decided"
        other = await dora.post(f"/api/workspace/reports/{case_id}/decision", json={"decision": "keep"})
        assert other.json()["error"]["code"] == "version_conflict"
        (notice,) = [one for one in (await bob.get("/api/notices")).json()["notices"] if one["id"] == case_id]
        assert (notice["text"], notice["messageId"]) == ("No soap.", message_id)
        assert scene.alice.id not in str(notice)
        assert (await bob.post(f"/api/notices/{notice['id']}/read")).status_code == 204
        (notice,) = [one for one in (await bob.get("/api/notices")).json()["notices"] if one["id"] == case_id]
        assert "readAt" in notice


GUARDED = ("/api/workspace/reports", "/api/workspace/reports/{case}", "/reports", "/reports/{case}")


@pytest.mark.parametrize("path", GUARDED)
async def test_nobody_but_administrators_sees_the_queue(scene: Scene, path: str) -> None:
    message_id = await says(scene.bob, scene.group_id, f"soap for {path}")
    case_id = await _report(scene, message_id)
    for who in (scene.alice, scene.bob, scene.charlie):
        client = scene.api(who) if path.startswith("/api") else scene.browser(who)
        async with client:
            response = await client.get(path.format(case=case_id))
        assert response.status_code == 403
        assert message_id not in response.text
    async with scene.api(None) as nobody:
        response = await nobody.get(path.format(case=case_id))
        assert response.status_code in (302, 401)
    async with scene.api(scene.bob) as bob:
        decision = await bob.post(f"/api/workspace/reports/{case_id}/decision", json={"decision": "delete"})
        assert decision.json()["error"]["code"] == "forbidden"
        # And the report tells its subject nothing, not even that there is one.
        told = [(await bob.get(path)).text for path in ("/api/notices", "/api/inbox", f"/api/messages/{message_id}")]
        assert case_id not in "".join(told)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"reason": "spam"}, {"messageId"}),
        ({"messageId": "x.1", "userId": "user_1", "reason": "spam"}, {"messageId"}),
        ({"userId": "$bob", "reason": "dislike"}, {"reason"}),
        ({"userId": "$bob"}, {"reason"}),
        ({"userId": "$bob", "reason": "spam", "text": "x" * 1001}, {"text"}),
        ({"userId": "$bob", "reason": "spam", "text": 7}, {"text"}),
        ({"userId": ["$bob"], "reason": "spam"}, {"userId"}),
        ({"userId": "x" * 129, "reason": "spam"}, {"userId"}),
        ({"userId": "$alice", "reason": "spam"}, {"userId"}),
    ],
)
async def test_bad_reports_are_refused(scene: Scene, body: dict[str, object], fields: set[str]) -> None:
    people = {"$bob": scene.bob.id, "$alice": scene.alice.id}
    filled = {name: people.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    async with scene.api(scene.alice) as alice:
        response = await alice.post("/api/reports", json=filled)
    assert response.status_code == 400
    assert set(response.json()["error"]["fields"]) == fields


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        *(
            ({"decision": "burn"}, 400),
            ({}, 400),
            ({"decision": "warn"}, 400),
            ({"decision": "warn", "warning": ""}, 400),
        ),
        ({"decision": "keep", "note": "x" * 1001}, 400),
        ({"decision": "remove"}, 403),
    ],
)
async def test_bad_decisions_are_refused(scene: Scene, decision: dict[str, str], status: int) -> None:
    case_id = await _report(scene, await says(scene.bob, scene.group_id, "more soap"))
    async with scene.api(scene.dora) as dora:
        path = f"/api/workspace/reports/{case_id}"
        assert (await dora.post(f"{path}/decision", json=decision)).status_code == status
        assert (await dora.get(path)).json()["state"] == "open"
        absent = await dora.post("/api/workspace/reports/case_absent/decision", json={"decision": "keep"})
        assert absent.status_code == 404
        assert (await dora.get("/api/workspace/reports?state=lost")).status_code == 400


async def test_connections_hear_of_what_is_theirs(scene: Scene) -> None:
    message_id = await says(scene.bob, scene.group_id, "soap again")
    async with (
        connected(scene.server.url, scene.dora) as dora,
        connected(scene.server.url, scene.bob) as bob,
        connected(scene.server.url, scene.alice) as alice,
    ):
        case_id = await _report(scene, message_id)
        opened = await dora.wait_for("user_update", lambda data: data["kind"] == "reports")
        assert opened["open"] >= 1
        async with scene.api(scene.dora) as http:
            decision = {"decision": "warn", "warning": "Really, no soap."}
            await http.post(f"/api/workspace/reports/{case_id}/decision", json=decision)
        warned = await bob.wait_for("user_update", lambda data: data["kind"] == "notice")
        assert warned["notice"]["text"] == "Really, no soap."
        assert scene.alice.id not in str(warned)
        kinds = [data["kind"] for client in (alice, bob) for data in client.all("user_update")]
        assert "reports" not in kinds


async def test_pages_report_decide_and_escape(scene: Scene) -> None:
    message_id = await says(scene.bob, scene.group_id, HOSTILE)
    path = f"/groups/{scene.group_id}/messages/{message_id}/report"
    async with scene.browser(scene.alice) as alice, scene.browser(scene.dora) as dora, scene.browser(scene.bob) as bob:
        page = await alice.get(path)
        assert "&lt;script&gt;" in page.text
        assert f'href="{path}"' in (await alice.get(f"/groups/{scene.group_id}")).text
        form = {"reason": "threat", "text": HOSTILE, "csrfmiddlewaretoken": alice.cookies["csrftoken"]}
        assert (await alice.post(path, data={**form, "reason": ""})).status_code == 400
        assert "have it now" in (await alice.post(path, data=form)).text
        queue = await dora.get("/reports")
        async with scene.api(scene.dora) as http:
            cases = (await http.get("/api/workspace/reports")).json()["cases"]
        case_id = next(case["id"] for case in cases if case["thingId"] == message_id)
        assert f"/reports/{case_id}" in queue.text
        case = await dora.get(f"/reports/{case_id}")
        assert "<script>alert" not in case.text
        assert scene.alice.actor.name in case.text
        token = {"csrfmiddlewaretoken": dora.cookies["csrftoken"]}
        refused = await dora.post(f"/reports/{case_id}/decide", data={"decision": "warn", **token})
        assert refused.status_code == 400
        assert "Say what they are to know" in refused.text
        decided = await dora.post(f"/reports/{case_id}/decide", data={"decision": "warn", "warning": HOSTILE, **token})
        assert decided.headers["location"] == "/reports"
        assert (await dora.get("/reports?state=decided")).status_code == 200
        notices = await bob.get("/notices")
        assert "&lt;script&gt;" in notices.text
        assert scene.alice.actor.name not in notices.text
        read = {"csrfmiddlewaretoken": bob.cookies["csrftoken"]}
        assert (await bob.post(f"/notices/{case_id}/read", data=read)).headers["location"] == "/notices"
        assert (await bob.post("/notices/case_absent/read", data=read)).status_code == 404


async def test_a_person_is_reported_by_their_page(scene: Scene) -> None:
    async with scene.browser(scene.charlie) as charlie:
        path = f"/people/{scene.bob.id}/report"
        assert f'href="{path}"' in (await charlie.get(f"/people/{scene.bob.id}")).text
        await charlie.get(path)
        form = {"reason": "other", "csrfmiddlewaretoken": charlie.cookies["csrftoken"]}
        assert (await charlie.post(path, data=form)).status_code == 200
        assert (await charlie.get(f"/people/{scene.charlie.id}/report")).text.count("<form") == 0
        assert (await charlie.get("/people/user_nobody/report")).status_code == 404
