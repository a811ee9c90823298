"""`manage.py sweep_files`: delete what failed uploads left behind; run it once a day."""

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
        parser.add_argument("--hours", type=float, default=24.0, help="only what was last written so long ago (24)")

    def handle(self, *args: Any, **options: Any) -> None:
        hours: float = options["hours"]
        # Only its age distinguishes a failed upload from one under way.
        if hours < 1:
            raise CommandError("--hours must be 1 or more: younger uploads may still be under way.")
        self.stdout.write(f"{async_to_sync(_sweep)(timedelta(hours=hours))} failed uploads swept.")


async def _sweep(older_than: timedelta) -> int:
    try:
        # No time-out: the sweep scans the whole collection, and nobody waits for it.
        with pymongo.timeout(None):
            return await sweep_failed_uploads(older_than=older_than)
    finally:
        await storage.close()
