"""Print who has acted in somebody's place."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from foundation.errors import AppError
from users.models import Impersonation
from users.selectors import list_impersonations


class Command(BaseCommand):
    help = "Print a line for each session in which somebody acted as the user: since when, who, and the session's id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_id", metavar="USER_ID")

    def handle(self, *args: Any, user_id: str, **options: Any) -> None:
        try:
            found = async_to_sync(_read)(user_id)
        except AppError as error:
            raise CommandError(error.message) from error
        for each in found:
            self.stdout.write(f"{each.since} {each.by} {each.session_id}")


async def _read(user_id: str) -> list[Impersonation]:
    try:
        return await list_impersonations(user_id=user_id)
    finally:
        await store.close()
