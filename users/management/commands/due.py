"""`manage.py due`: list what was set aside of what is due, or have it tried again (docs/running.md)."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from foundation.errors import NotFound
from foundation.ids import to_wire
from realtime.hub.commands import run
from users.due import services
from users.due.entry import moment_of

T = TypeVar("T")


class Command(BaseCommand):
    help = "List what was due and could not be done, after which it was set aside, or have it tried again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="ACTION")
        actions.add_parser("list", help="what was set aside, since when it was due, and why (default)")
        retry = actions.add_parser("retry", help="let it be tried again, now")
        retry.add_argument("item", nargs="?", help="which, as it is listed; without it, all")

    def handle(self, *args: Any, action: str | None, item: str | None = None, **options: Any) -> None:
        if action == "retry":
            self._retry(item)
            return
        for placed in run(_closing(services.list_aside())):
            due = to_wire(moment_of(placed.entry.at))
            self.stdout.write(f"{placed.item}: due at {due}, tried {placed.tries} times: {placed.error}")

    def _retry(self, item: str | None) -> None:
        try:
            count = run(_closing(services.retry(item)))
        except NotFound as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} tried again")


async def _closing(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    finally:
        await store.close()
