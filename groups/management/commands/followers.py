"""`manage.py followers`: list what follows the groups' logs and how far behind it is, or have a follower rebuilt."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from foundation.errors import NotFound
from groups.followers import lag, services
from groups.followers.wakes import close_wakes
from groups.log.head_hints import close_head_hints
from realtime.hub.commands import run
from workspace.audit import close_audit

T = TypeVar("T")


class Command(BaseCommand):
    help = "List the followers of the groups' logs with what they have not handled yet, or have one rebuilt."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="ACTION")
        actions.add_parser("list", help="the followers, and for how long the first of what is due has waited (default)")
        actions.add_parser("lag", help="how many entries each has not handled, and which it has set aside: reads all")
        rebuild = actions.add_parser("rebuild", help="let one handle all entries again; nobody is notified of them")
        rebuild.add_argument("name")

    def handle(self, *args: Any, action: str | None, name: str = "", **options: Any) -> None:
        if action == "rebuild":
            self._rebuild(name)
        elif action == "lag":
            self._show_lags()
        else:
            self._list()

    def _list(self) -> None:
        for each in run(_closing(lag.find_lags())):
            if each.groups is None:
                self.stdout.write(f"{each.name}: Redis does not answer")
            else:
                waits = f"{each.groups} groups to follow, for {each.seconds} s; {each.set_aside} entries set aside"
                self.stdout.write(f"{each.name}: {waits}")

    def _show_lags(self) -> None:
        for each in run(_closing(lag.find_exact_lags())):
            there = f"{each.follower.start}, since {each.registration.since}, generation {each.registration.generation}"
            self.stdout.write(
                f"{each.follower.name} ({there}): {each.entries} entries of {each.groups} groups to handle"
            )
            for entry in each.set_aside:
                self.stdout.write(f"  set aside: {entry}")

    def _rebuild(self, name: str) -> None:
        try:
            run(_closing(services.rebuild_follower(name)))
        except NotFound as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} begins at the first entry of each group")


async def _closing(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    finally:
        await close_audit()
        await close_head_hints()
        await close_wakes()
        await store.close()
