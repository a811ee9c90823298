"""Creates the DynamoDB tables and the indexes of files; may be repeated."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from files import storage
from groups.log.entry import Entry
from groups.models import GroupRow
from users.models import UserRow


class Command(BaseCommand):
    help = "Create the tables and indexes that are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        for table in (UserRow, GroupRow, Entry):
            if not table.exists():
                table.create_table(wait=True)
                self.stdout.write(f"created {table.Meta.table_name}")
        asyncio.run(_ensure_indexes())


async def _ensure_indexes() -> None:
    await storage.ensure_indexes()
    await storage.close()
