"""Print session tokens of the local issuer, for scripts and load generators."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from foundation.errors import AppError
from users.revoked import revoked_sessions
from users.services import sign_in_locally


class Command(BaseCommand):
    help = "Print a session token for NAME, a user who is created if need be; with several names, one token a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", metavar="NAME", nargs="+")
        parser.add_argument("--lifetime", type=int, help="seconds; LOCAL_TOKEN_LIFETIME if not given")

    def handle(self, *args: Any, names: list[str], lifetime: int | None, **options: Any) -> None:
        try:
            tokens = async_to_sync(_tokens)(names, lifetime)
        except AppError as error:
            raise CommandError(error.message) from error
        for token in tokens:
            self.stdout.write(token)


async def _tokens(names: list[str], lifetime: int | None) -> list[str]:
    try:
        return [await sign_in_locally(name=name, lifetime=lifetime) for name in names]
    finally:
        if sessions := revoked_sessions.pop():
            await sessions.close()
        await store.close()
