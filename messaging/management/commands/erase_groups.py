"""`manage.py erase_groups`: erase what deletions of groups have left; run it once a day."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand

from dynamodb import store
from files import storage
from messaging.group_deletion import erase_deleted_groups


class Command(BaseCommand):
    help = "Erase the messages, files and rows of deleted groups that a server could not erase."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{async_to_sync(_erase)()} deleted groups erased.")


async def _erase() -> int:
    try:
        return await erase_deleted_groups()
    finally:
        await storage.close()
        await store.close()
