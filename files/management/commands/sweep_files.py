"""`manage.py sweep_files`: delete files that were never sent, pictures of nobody, and what failed uploads left.

Run it once a day.
"""

from datetime import timedelta
from typing import Any

import pymongo
from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from files import storage
from files.pictures.services import sweep_pictures
from files.resumable import sweep_expired_uploads
from files.services import sweep_failed_uploads, sweep_unsent_files


class Command(BaseCommand):
    help = "Delete files that were never sent, and what failed uploads left in the store."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=float, default=24.0, help="only what was stored so long ago (24)")

    def handle(self, *args: Any, **options: Any) -> None:
        hours: float = options["hours"]
        # Only its age distinguishes a failed upload from one under way.
        if hours < 1:
            raise CommandError("--hours must be 1 or more: younger uploads may still be under way.")
        failed, unsent = async_to_sync(_sweep)(timedelta(hours=hours))
        self.stdout.write(f"{failed} failed uploads and {unsent} files that were never sent swept.")


async def _sweep(older_than: timedelta) -> tuple[int, int]:
    try:
        # No time-out: the sweep scans the whole collection, and nobody waits for it.
        with pymongo.timeout(None):
            # First: what is left of those is a failed upload.
            await sweep_expired_uploads()
            await sweep_pictures(older_than=older_than)
            failed = await sweep_failed_uploads(older_than=older_than)
            return failed, await sweep_unsent_files(older_than=older_than)
    finally:
        await storage.close()
        await store.close()
