"""Creates the DynamoDB tables and the indexes of files; may be repeated."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from dynamodb import store
from files import storage
from groups.log.entry import Entry
from groups.models import GroupRow
from users import name_index
from users.models import UserRow


class Command(BaseCommand):
    help = "Create the tables and indexes that are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        for table in (UserRow, GroupRow, Entry):
            if not table.exists():
                table.create_table(wait=True)
                self.stdout.write(f"created {table.Meta.table_name}")
        carried_over = asyncio.run(_ensure_indexes())
        if carried_over:
            self.stdout.write(f"put {carried_over} users into the index of names")


async def _ensure_indexes() -> int:
    """Return how many users were put into the index of names, which tables of former versions lack."""
    try:
        await storage.ensure_indexes()
        return await name_index.spread_users() if await name_index.add_index() else 0
    finally:
        await storage.close()
        await store.close()
