"""`manage.py sweep_files`: delete what failed uploads left behind; run it daily."""

from datetime import timedelta
from typing import Any

import pymongo
from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from files import storage
from files.services import sweep_failed_uploads


class Command(BaseCommand):
    help = "Delete what failed uploads left in the store."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=float, default=24.0, help="only what has not grown for so long (24)")

    def handle(self, *args: Any, **options: Any) -> None:
        hours: float = options["hours"]
        # An upload under way looks the same as a failed one, but for its age.
        if hours < 1:
            raise CommandError("--hours must be 1 or more: younger uploads may still be under way.")
        self.stdout.write(f"{async_to_sync(_sweep)(timedelta(hours=hours))} failed uploads swept.")


async def _sweep(older_than: timedelta) -> int:
    try:
        # All that is stored is looked through, and nobody waits.
        with pymongo.timeout(None):
            return await sweep_failed_uploads(older_than=older_than)
    finally:
        await storage.close()
