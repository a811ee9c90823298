"""Print a link by which somebody sets a new password: the owner too, whom nobody else can help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.login_names import login_key
from accounts.operator import run
from accounts.services.invitations import make_reset_link_by_operator


class Command(BaseCommand):
    help = "Print a link by which whoever has this sign-in name sets a new password, once, within a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", metavar="SIGN_IN_NAME")
        parser.add_argument("--clear-second-factor", action="store_true", help="and loses the second factor by it")

    def handle(self, *args: Any, login: str, clear_second_factor: bool, **options: Any) -> None:
        made = run(make_reset_link_by_operator(login=login_key(login), clear_second_factor=clear_second_factor))
        self.stdout.write(made.address)
