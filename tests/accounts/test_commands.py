"""Management commands print links: the owner's, those of a trial's users, and resets."""

import io
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.services import credentials, joining
from users.profiles import create_if_absent

from .cast import HERE, NEW_PASSWORD, PASSWORD, Member, forget_owner, sign_in


async def printed(*arguments: str) -> str:
    """Return what a command prints; it runs on a loop of its own."""
    out = io.StringIO()
    await sync_to_async(call_command, thread_sensitive=False)(*arguments, stdout=out)
    return out.getvalue().strip()


def token_of(address: str) -> str:
    return address.partition("link=")[2]


async def test_the_owners_link_is_printed_until_there_is_an_owner(settings: Settings) -> None:
    await forget_owner()
    settings.PUBLIC_URL = "https://chat.example"
    address = await printed("owner_link")
    assert address.startswith("https://chat.example/join?link=owner.")
    login = f"olive-{uuid4().hex[:10]}"
    await joining.join(token=token_of(address), login=login, password=PASSWORD, name="Olive", client=HERE)
    assert await printed("owner_link") == ""
    await forget_owner()


async def test_each_user_of_a_trial_gets_a_link(owner: Member) -> None:
    ids = [(await create_if_absent(f"user_{uuid4().hex}", name=name)).id for name in ("Ada", "Ben")]
    lines = (await printed("invite_users", *ids, owner.id)).splitlines()
    assert [line.split("\t")[:2] for line in sorted(lines, key=lambda line: line.split("\t")[1])] == [
        [ids[0], "Ada"],
        [ids[1], "Ben"],
    ]
    everybody = (await printed("invite_users")).splitlines()
    assert set(ids) <= {line.split("\t")[0] for line in everybody}
    assert owner.id not in {line.split("\t")[0] for line in everybody}


async def test_a_reset_is_printed_for_the_owner_too(owner: Member) -> None:
    address = await printed("reset_link", owner.login.upper())
    await credentials.reset_password(token=token_of(address), password=NEW_PASSWORD)
    await sign_in(owner, password=NEW_PASSWORD)


@pytest.mark.parametrize("arguments", [("reset_link", "nobody-has-this"), ("owner_link", "--user", "user_nobody")])
async def test_a_command_says_what_is_wrong(arguments: tuple[str, ...]) -> None:
    await forget_owner()
    with pytest.raises(CommandError):
        await printed(*arguments)


@pytest.mark.parametrize("command", ["owner_link", "invite_users"])
async def test_elsewhere_no_links_are_made(settings: Settings, command: str) -> None:
    settings.SIGN_IN = "trial"
    await create_if_absent(f"user_{uuid4().hex}", name="Ada")
    with pytest.raises(CommandError):
        await printed(command)
