"""`manage.py carry_over`: carry the data of older versions over; `create_tables` does it by itself when it is due."""

from typing import Any

from django.core.management.base import BaseCommand

from groups.carry_over import carry_over
from realtime.hub.commands import run


class Command(BaseCommand):
    help = "Write what older versions have not written of users' groups; may be repeated, also while the server runs."

    def handle(self, *args: Any, **options: Any) -> None:
        carried = run(carry_over())
        self.stdout.write(f"carried over {carried.memberships} memberships and the sizes of {carried.groups} groups")
        self.stdout.write(f"put {carried.listed} groups into the directory")
