"""Followers that keep a ledger: a hash over all entries in order, which a skipped or repeated one would change.

The effect of each entry is conditional on its seq, as that of every follower must be; nothing else protects it here.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Unavailable
from groups import models
from groups.followers.follower import Follower
from groups.log.entry import Entry
from groups.rows import GroupRow

# Contents with which a ledger fails: always, or now and then, and never so often in a row that they are set aside.
BAD, ODD, _ODDS = "bad", "odd", 0.05
_ATTEMPTS = 30


@dataclass(frozen=True, slots=True)
class Page:
    """The state of a ledger after the entry `seq`."""

    seq: int = 0
    digest: str = ""

    def after(self, entries: Iterable[Entry]) -> "Page":
        """Return the state after these entries too; those that it has are passed over."""
        page = self
        for entry in entries:
            if entry.seq > page.seq:
                text = f"{page.digest} {entry.seq} {entry.nonce}"
                page = Page(int(entry.seq), hashlib.sha256(text.encode()).hexdigest())
        return page


class Ledger(Follower):
    """Adds all entries that it is given at once, in one write."""

    name = "ledger"

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        await self._add(group_id, entries)

    async def _add(self, group_id: str, entries: Sequence[Entry]) -> None:
        for _ in range(_ATTEMPTS):
            page = await self.page(group_id)
            new = page.after(entries)
            if new == page or await models.find_group(group_id) is None:
                return None
            try:
                return await store.call(self._write, group_id, page, new)
            except store.ConditionFailed:
                continue
        raise Unavailable

    def _write(self, group_id: str, page: Page, new: Page) -> None:
        at_page = GroupRow.seq == page.seq if page.seq else GroupRow.seq.does_not_exist()
        with TransactWrite(connection=store.connection()) as transaction:
            # Of a group that is deleted nothing is written after `forget`.
            transaction.condition_check(GroupRow, group_id, "group", condition=GroupRow.group_id.exists())
            actions = [GroupRow.seq.set(new.seq), GroupRow.name.set(new.digest)]
            transaction.update(self._row(group_id), actions=[*actions], condition=at_page)

    async def page(self, group_id: str) -> Page:
        row = self._row(group_id)
        found = await models.get_row(row.group_id, row.item)
        return Page(int(found.seq or 0), found.name or "") if found else Page()

    async def forget(self, group_id: str) -> None:
        await store.call(self._row(group_id).delete)

    def _row(self, group_id: str) -> GroupRow:
        return GroupRow(f"proof {self.name}", group_id)


class FussyLedger(Ledger):
    """Fails with some entries, after it has added those before: they are handed over again."""

    name = "fussy ledger"

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        failing = next((index for index, entry in enumerate(entries) if self._fails(entry)), len(entries))
        if failing:
            await self._add(group_id, entries[:failing])
        if failing < len(entries):
            raise ValueError(entries[failing].content)

    def _fails(self, entry: Entry) -> bool:
        content = entry.content or ""
        return content.startswith(BAD) or (content.startswith(ODD) and random.random() < _ODDS)
