"""Print an invitation for each user of a trial: by it they get an account, and keep what they wrote."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import models
from accounts.operator import run
from accounts.services.invitations import NewLink, invite_known_user
from foundation.cursors import decode_cursor
from users.selectors import find_among_all, get_users
from users.user import User


class Command(BaseCommand):
    help = (
        "Print a line for each user who has no account yet: the id, the name, and a link that works once, for a week."
        " Without USER_ID, for everybody whom this server knows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_ids", metavar="USER_ID", nargs="*")

    def handle(self, *args: Any, user_ids: list[str], **options: Any) -> None:
        for user, made in run(_invite(user_ids)):
            self.stdout.write(f"{user.id}\t{user.name}\t{made.address}")


async def _invite(user_ids: list[str]) -> list[tuple[User, NewLink]]:
    users = await _users(user_ids)
    with_account = await models.get_many([user.id for user in users])
    left = [user for user in users if user.id not in with_account]
    return [(user, await invite_known_user(user_id=user.id)) for user in left]


async def _users(user_ids: list[str]) -> list[User]:
    if user_ids:
        return list((await get_users(user_ids=user_ids, consistent=True)).values())
    found: list[User] = []
    cursor: tuple[str, ...] | None = None
    while True:
        page = await find_among_all(limit=100, cursor=cursor)
        found += page.users
        if page.next_cursor is None:
            return found
        cursor = decode_cursor(page.next_cursor, 1)
