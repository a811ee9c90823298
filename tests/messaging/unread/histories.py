"""Random histories: what several people do in one group, through two processes, while followers come now and then."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import strategies as st

from foundation.errors import Forbidden, Gone, Invalid, NotFound
from groups import services as groups
from groups.blocking.services import block_user, unblock_user
from groups.followers.slices import Result
from groups.log import queries
from groups.log.entry import Entry
from groups.mentions import MentionFollower, ThreadMentionFollower
from groups.read_mark_repair import ReadMarkRepair
from groups.read_marks import read_marks
from messaging import services
from messaging.unread import mark_unread
from tests.cast import Person
from tests.groups.followers.recording import follow
from users.blocks import find_block
from workspace.teams import services as teams

from .expected import READ, SEND, UNREAD, Act

# The other process writes what sending moves only when it is asked for, and follows nothing: the test does.
LAZY = {"READ_MARK_INTERVAL": "3600", "FOLLOW": "0"}
NAMES = ("alice", "bob", "charlie")
Step = Mapping[str, Any]
_who = st.sampled_from(NAMES)
# A message by its place among those that there are, from the last.
_message = st.integers(0, 12)
_acting = {"who": _who, "here": st.booleans()}
_text = {"names": st.frozensets(_who), "all": st.booleans(), "team": st.sampled_from([False, False, True])}


def _step(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


_send = _step("send", **_acting, **_text, reply=st.one_of(st.none(), st.none(), _message))
STEPS = st.one_of(
    *[_send] * 4,
    _step("edit", **_text, here=st.booleans(), message=_message),
    _step("delete", here=st.booleans(), message=_message),
    *[_step("read", **_acting, back=st.integers(0, 8), thread=st.one_of(st.none(), _message))] * 2,
    *[_step("unread", **_acting, message=_message)] * 2,
    _step("membership", who=st.sampled_from(NAMES[1:])),
    _step("team", who=_who),
    _step("block", who=_who, other=_who),
    *[_step("follow")] * 2,
    _step("hold"),
    _step("thaw"),
    _step("flush"),
)
HISTORIES = st.lists(st.one_of(STEPS, STEPS, st.tuples(STEPS, STEPS)), min_size=6, max_size=22)


@dataclass
class World:
    """A group, and who did what to which mark: of the group under "", of threads under their ids.

    `elsewhere` are clients of another process, by name.
    """

    group_id: str
    people: Mapping[str, Person]
    elsewhere: Mapping[str, httpx.AsyncClient]
    acts: dict[tuple[str, str], list[Act]] = field(default_factory=lambda: defaultdict(list))
    messages: list[dict[str, Any]] = field(default_factory=list)
    out: set[str] = field(default_factory=set)
    held: Sequence[Entry] = ()
    team_id: str = ""
    in_team: set[str] = field(default_factory=set)

    async def run(self, history: Sequence[Step | tuple[Step, Step]]) -> None:
        for steps in history:
            together = steps if isinstance(steps, tuple) else (steps,)
            if len({step.get("who", step["kind"]) for step in together}) < len(together):
                # What one person does at the same moment has no order.
                together = together[:1]
            await asyncio.gather(*(getattr(self, f"_{step['kind']}")(step) for step in together))

    async def settle(self) -> None:
        """Bring everybody back, write all marks that wait in either process, and let the followers catch up."""
        for name in list(self.out):
            await self._membership({"who": name})
        await read_marks().write_all()
        for client in self.elsewhere.values():
            (await client.get(f"/api/groups/{self.group_id}")).raise_for_status()
            for parent_id in {parent_id for _, parent_id in self.acts if parent_id}:
                (await client.get(f"/api/messages/{parent_id}/thread")).raise_for_status()
        # A slice of a slow machine may end before each follower had its turn.
        while (await self._follow({})).again is not None:
            pass

    @property
    def naming_all(self) -> set[int]:
        """The seqs of the messages that named everybody when they were sent."""
        return {message["seq"] for message in self.messages if message.get("mentions", {}).get("all")}

    # --- what people do ----------------------------------------------------------------------------------------------
    def _message(self, step: Step, name: str = "message") -> dict[str, Any] | None:
        return self.messages[-1 - step[name] % len(self.messages)] if self.messages else None

    def _content(self, step: Step) -> str:
        return " ".join(
            [
                *("ahoy", *(f"<@{self.people[name].id}>" for name in sorted(step["names"]))),
                *("<!all>" * step["all"], f"<@{self.team_id}>" * step["team"]),
            ]
        )

    async def _call(self, step: Step, name: str, here: Any, method: str, path: str, **data: Any) -> Any:
        """Do it in this process or the other; return None if it is refused."""
        if step["here"]:
            with suppress(NotFound, Gone, Invalid, Forbidden):
                return await here(actor=self.people[name].actor)
            return None
        response = await self.elsewhere[name].request(method, path, json=data)
        assert response.status_code < 500, response.text
        return response.json() if response.is_success else None

    async def _send(self, step: Step) -> None:
        name, content, root = step["who"], self._content(step), None
        if step["reply"] is not None and (target := self._message(step, "reply")):
            root = target.get("parentId", target["id"])

        async def here(actor: Any) -> Any:
            return await services.send_message(actor=actor, group_id=self.group_id, content=content, parent_id=root)

        data = {"groupId": self.group_id, "content": content, "parentId": root}
        if sent := await self._call(step, name, here, "POST", "/api/messages", **data):
            message = sent["message"]
            self.messages.append(message)
            self.acts[name, root or ""].append(Act(SEND, message["seq"], message["seq"]))

    async def _edit(self, step: Step) -> None:
        if not (message := self._message(step)):
            return
        author = next(name for name in NAMES if self.people[name].id == message["userId"])
        content = self._content(step)

        async def here(actor: Any) -> Any:
            return await services.edit_message(actor=actor, message_id=message["id"], content=content)

        await self._call(step, author, here, "PATCH", f"/api/messages/{message['id']}", content=content)

    async def _delete(self, step: Step) -> None:
        if not (message := self._message(step)):
            return

        async def here(actor: Any) -> Any:
            return await services.delete_message(actor=actor, message_id=message["id"])

        await self._call(step, "alice", here, "DELETE", f"/api/messages/{message['id']}")

    async def _read(self, step: Step) -> None:
        if not self.messages:
            return
        seq, parent_id = max(0, self.messages[-1]["seq"] - step["back"]), None
        if step["thread"] is not None and (target := self._message(step, "thread")):
            parent_id = target.get("parentId", target["id"])

        async def here(actor: Any) -> Any:
            return await services.mark_read(actor=actor, group_id=self.group_id, seq=seq, parent_id=parent_id)

        data = {"groupId": self.group_id, "seq": seq, "parentId": parent_id}
        if state := await self._call(step, step["who"], here, "POST", "/api/messages/read", **data):
            self.acts[step["who"], parent_id or ""].append(Act(READ, seq, state["head"]))

    async def _unread(self, step: Step) -> None:
        if not (message := self._message(step)):
            return

        async def here(actor: Any) -> Any:
            return await mark_unread(actor=actor, message_id=message["id"])

        if state := await self._call(step, step["who"], here, "POST", f"/api/messages/{message['id']}/unread"):
            self.acts[step["who"], message.get("parentId", "")].append(Act(UNREAD, message["seq"], state["head"]))

    async def _membership(self, step: Step) -> None:
        alice, user_id = self.people["alice"].actor, self.people[step["who"]].id
        if step["who"] in self.out:
            await groups.add_members(actor=alice, group_id=self.group_id, user_ids=[user_id])
        else:
            await groups.remove_member(actor=alice, group_id=self.group_id, user_id=user_id)
        self.out ^= {step["who"]}

    async def _team(self, step: Step) -> None:
        alice, user_id = self.people["alice"].actor, self.people[step["who"]].id
        if step["who"] in self.in_team:
            await teams.remove_person(actor=alice, team_id=self.team_id, user_id=user_id)
        else:
            await teams.add_people(actor=alice, team_id=self.team_id, user_ids=[user_id])
        self.in_team ^= {step["who"]}

    async def _block(self, step: Step) -> None:
        """Block somebody, or take that back; but not alice, who brings people back."""
        who, other = self.people[step["who"]], self.people[step["other"]]
        if who is other or step["other"] == "alice":
            return
        if (await find_block(who.id, other.id)).since:
            await unblock_user(actor=who.actor, user_id=other.id)
        else:
            await block_user(actor=who.actor, user_id=other.id)

    # --- what processes do -------------------------------------------------------------------------------------------
    async def _follow(self, step: Step) -> Result:
        return await follow(self.group_id, ReadMarkRepair(), MentionFollower(), ThreadMentionFollower())

    async def _hold(self, step: Step) -> None:
        """A process reads the log, and freezes."""
        self.held = await queries.entries_after(self.group_id, 0)

    async def _thaw(self, step: Step) -> None:
        """It goes on with what it has read, long after others have followed the group."""
        if held := self.held:
            await ReadMarkRepair().handle(self.group_id, held, notify=True)
            for follower in (MentionFollower(), ThreadMentionFollower()):
                await follower.handle(self.group_id, held, notify=True)

    async def _flush(self, step: Step) -> None:
        await read_marks().write_all()
