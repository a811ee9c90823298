"""`manage.py sweep_reports`: erase the evidence of cases that were decided before REPORT_EVIDENCE_DAYS.

Servers erase some with each decision; run it once a day.
"""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand

from dynamodb import store
from moderation.sweeping import sweep


class Command(BaseCommand):
    help = "Erase the evidence of reports that were decided before REPORT_EVIDENCE_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The evidence of {async_to_sync(_sweep)()} cases erased.")


async def _sweep() -> int:
    try:
        return await sweep()
    finally:
        await store.close()
