"""`manage.py spread_users`: carry over a Users table of a former version; may be repeated."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from dynamodb import store
from users import name_index


class Command(BaseCommand):
    help = "Put users of a former version into the index of names, and delete the index that it replaces."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{asyncio.run(_carry_over())} users carried over.")


async def _carry_over() -> int:
    try:
        await name_index.add_index()
        count = await name_index.spread_users()
        await name_index.mark_done()
        await name_index.drop_former_index()
        return count
    finally:
        await store.close()
