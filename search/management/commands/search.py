"""`manage.py search rebuild`: make the index of search anew from the groups' logs, while the server goes on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dynamodb import store
from files import storage
from foundation.errors import NotFound
from groups.followers.wakes import close_wakes
from groups.log.head_hints import close_head_hints
from realtime.hub.commands import run
from search.rebuilding import rebuild
from workspace.audit import close_audit


class Command(BaseCommand):
    help = "Make the index of search anew from the groups' logs; what is in it is found meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        actions.add_parser("rebuild", help="write all documents again; followers do it, in servers or alone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            gone = run(_rebuild())
        except NotFound:
            raise CommandError("Nothing has followed the logs yet: start a server first.") from None
        self.stdout.write(f"Left-overs of {gone} deleted groups removed; the documents are written again by followers:")
        self.stdout.write("`manage.py followers lag` says how much is left.")


async def _rebuild() -> int:
    try:
        return await rebuild()
    finally:
        await close_audit()
        await close_head_hints()
        await close_wakes()
        await storage.close()
        await store.close()
