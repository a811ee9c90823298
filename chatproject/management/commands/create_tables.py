"""Creates the DynamoDB tables and the indexes of files, and carries over data of an older version; may be repeated."""

import asyncio
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.carry_over import carry_over_owner
from dynamodb import store
from dynamodb.store import Table
from dynamodb.tables import Report, TookTooLong, create_missing
from files import storage
from groups.carry_over import Carried, carry_over, is_done, mark_done
from groups.log.entry import Entry
from groups.rows import GroupRow
from health import engines
from search import index as search_index
from users import answers, name_index
from users.models import UserRow


class Command(BaseCommand):
    help = "Create the tables and indexes that are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if failing := asyncio.run(self._find_failing_engines()):
            lines = [f"  - {name}: {error}" for name, error in failing.items()]
            raise CommandError("\n".join(["Start these engines, or correct their addresses:", *lines]))
        try:
            missing = asyncio.run(self._create_missing())
            self._carry_over(missing)
        except TookTooLong as error:
            raise CommandError(f"{error} Run this command again.") from error

    async def _create_missing(self) -> list[type[Table]]:
        try:
            created = await create_missing((UserRow, GroupRow, Entry), self.stdout.write)
            for table in created:
                self.stdout.write(f"created {table.Meta.table_name}")
            return created
        finally:
            await store.close()

    def _carry_over(self, missing: Sequence[type[Table]]) -> None:
        if spread := asyncio.run(_ensure_indexes(self.stdout.write, is_new=UserRow in missing)):
            self.stdout.write(f"put {spread} users into the index of names")
        if owner := asyncio.run(_carry_over_owner()):
            self.stdout.write(f"wrote into the profile of {owner} that they own the workspace")
        if carried := asyncio.run(_carry_over(is_new=GroupRow in missing)):
            self.stdout.write(f"carried over {carried.memberships} memberships of an older version")
            self.stdout.write(f"put {carried.listed} groups into the directory")

    async def _find_failing_engines(self) -> dict[str, str]:
        try:
            return await engines.wait_for_answers(self.stdout.write)
        finally:
            await storage.close()
            await store.close()


async def _carry_over_owner() -> str | None:
    try:
        return await carry_over_owner()
    finally:
        await store.close()


async def _carry_over(*, is_new: bool) -> Carried | None:
    try:
        if is_new:
            await mark_done()
        return None if await is_done() else await carry_over()
    finally:
        await store.close()


async def _ensure_indexes(report: Report, *, is_new: bool) -> int:
    """Return how many users were put into the index of names, which lacks those of former versions."""
    try:
        await storage.ensure_indexes()
        await search_index.ensure_indexes()
        await answers.ensure_expiry()
        await name_index.add_index(report=report)
        spread = 0 if is_new or await name_index.is_done() else await name_index.spread_users()
        await name_index.mark_done()
        return spread
    finally:
        await storage.close()
        await store.close()
