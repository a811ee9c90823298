"""`manage.py workspace_role USER_ID ROLE`: give somebody a role in the workspace."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from foundation.errors import AppError
from users.revoked import revoked_sessions
from users.roles import ROLES
from workspace.services import set_role_by_operator


class Command(BaseCommand):
    help = "Give somebody a role in the workspace: the way back in, where no owner is left who can."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the id of the user")
        parser.add_argument("role", choices=ROLES)

    def handle(self, *args: Any, user: str, role: str, **options: Any) -> None:
        try:
            changed = async_to_sync(_set_role)(user, role)
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{changed.name} is {role} now")


async def _set_role(user_id: str, role: str) -> Any:
    try:
        return await set_role_by_operator(user_id=user_id, role=role)
    finally:
        if sessions := revoked_sessions.pop():
            await sessions.close()
        await store.close()
