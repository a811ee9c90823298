"""Print the one-time link that makes the owner's account, as `bin/run` does at the first start."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.operator import run
from accounts.services.invitations import make_owner_link


class Command(BaseCommand):
    help = (
        "Print a link that makes the owner's account, once, within a week; a link printed before is void then."
        " Where there is an owner already, print nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", help="the id of somebody who is here already, and keeps what they wrote")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        if made := run(make_owner_link(user_id=user)):
            self.stdout.write(made.address)
