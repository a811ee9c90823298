"""`manage.py fixture`: create users and groups for benchmarks and trials; prints them with tokens valid for a day."""

import asyncio
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from groups import services
from groups.followers.wakes import close_wakes
from groups.log.head_hints import close_head_hints
from realtime.hub.commands import run
from users import local_issuer
from users.services import sign_in, sign_in_locally

DAY = 24 * 3600
_CONCURRENCY = 16


class Command(BaseCommand):
    help = (
        "Create users and groups; prints "
        '{"users": [{"id", "token"}], "groups": [{"id", "members": [userId]}], "issuer", "jwks"}.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, required=True, help="how many users")
        parser.add_argument("--groups", type=int, required=True, help="how many groups")
        parser.add_argument("--members", type=int, required=True, help="how many members a group")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(run(make(options["users"], options["groups"], options["members"]))))


async def make(users: int, groups: int, members: int) -> dict[str, Any]:
    """Create the users, then the groups, whose members are the users in turn."""
    try:
        return await _make(users, groups, members)
    finally:
        await close_head_hints()
        await close_wakes()


async def _make(users: int, groups: int, members: int) -> dict[str, Any]:
    limit = asyncio.Semaphore(_CONCURRENCY)
    people = await asyncio.gather(*(_make_user(number, limit) for number in range(users)))
    made = []
    for number in range(groups):
        group_people = [people[(number * members + index) % users] for index in range(members)]
        made.append(await _make_group(number, group_people))
        print(f"\r{number + 1} of {groups} groups", end="", file=sys.stderr)
    print(file=sys.stderr)
    return {"users": people, "groups": made, "issuer": local_issuer.ISSUER, "jwks": local_issuer.jwks()}


async def _make_user(number: int, limit: asyncio.Semaphore) -> dict[str, str]:
    name = f"Fixture {number:05d}"
    async with limit:
        token = await sign_in_locally(name=name, lifetime=DAY)
    return {"id": local_issuer.user_id_for_name(name), "token": token}


async def _make_group(number: int, people: list[dict[str, str]]) -> dict[str, Any]:
    owner = await sign_in(token=people[0]["token"])
    ids = [person["id"] for person in people]
    group = await services.create_group(actor=owner, name=f"Fixture {number:04d}", member_ids=ids)
    return {"id": group.id, "members": list(dict.fromkeys(ids))}
