"""Who is there when the administrative services of accounts are tried."""

from dataclasses import dataclass

from accounts import models
from accounts.account import Account

from .cast import Member


@dataclass(frozen=True)
class Scene:
    """A server that olive owns; mary is a member."""

    olive: Member
    mary: Member

    async def account(self) -> Account:
        found = await models.get(self.mary.id)
        assert found
        return found
