"""`manage.py sweep_audit`: delete the acts of the audit log that are older than AUDIT_DAYS.

Servers do so by themselves, some each day.
"""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand

from dynamodb import store
from workspace.audit.sweeping import sweep


class Command(BaseCommand):
    help = "Delete the acts of the audit log that are older than AUDIT_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{async_to_sync(_sweep)()} acts swept.")


async def _sweep() -> int:
    try:
        return await sweep()
    finally:
        await store.close()
