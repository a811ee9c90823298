"""People with accounts: what tests do with links, passwords and authenticators."""

import time
from dataclasses import dataclass
from uuid import uuid4

import pyotp
import pytest

from accounts.rows import OWNER, OWNERS, AccountRow
from accounts.services import credentials, invitations, joining, signing_in
from accounts.services.clients import Client
from accounts.services.invitations import NewLink
from accounts.services.sessions import SignedIn
from dynamodb import store
from foundation.errors import AppError, TokenExpired
from users import services as users
from users.actor import Actor

PASSWORD, NEW_PASSWORD = "correct horse battery", "another battery staple"
HERE = Client("192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
ELSEWHERE = Client("198.51.100.7", "Mozilla/5.0 (iPhone) Safari/605")


@dataclass(frozen=True)
class Member:
    """Somebody with an account, and their first session."""

    login: str
    actor: Actor
    token: str
    device: str
    password: str = PASSWORD

    @property
    def id(self) -> str:
        return self.actor.user_id


async def forget_owner() -> None:
    """Have nobody be the owner, as at the first start: the tables outlive a test."""
    await store.call(AccountRow(OWNERS, OWNER).delete)


async def owner_link() -> NewLink:
    made = await invitations.make_owner_link()
    assert made is not None
    return made


async def joined(link: NewLink, name: str) -> Member:
    """Return somebody new who has joined by a link."""
    login = f"{name.lower()}-{uuid4().hex[:10]}"
    signed_in = await joining.join(token=link.token, login=login, password=PASSWORD, name=name, client=HERE)
    return await member_in(signed_in, login)


async def member_in(signed_in: SignedIn, login: str) -> Member:
    """Return who has signed in, in this session."""
    actor = await users.sign_in(token=signed_in.token)
    return Member(login, actor, signed_in.token, signed_in.device)


async def sign_in(member: Member, *, client: Client = HERE, code: str | None = None, password: str = "") -> Member:
    """Return the same member in another session."""
    signed_in = await signing_in.sign_in(
        login=member.login, password=password or member.password, client=client, code=code
    )
    return await member_in(signed_in, member.login)


async def refusal(member: Member, **options: object) -> AppError:
    """Return the error with which a sign-in is refused."""
    with pytest.raises(AppError) as raised:
        await sign_in(member, **options)  # type: ignore[arg-type]
    return raised.value


async def has_ended(member: Member) -> bool:
    """Return whether the session of this token is over."""
    try:
        await users.sign_in(token=member.token)
    except TokenExpired:
        return True
    return False


@dataclass
class Authenticator:
    """A second factor: the codes of its secret, each of another time, and the recovery codes."""

    secret: str
    recovery: list[str]
    # In the session that began when it was turned on.
    owner: Member | None = None
    # The step of 30 s whose code turned it on: only later ones count from then on.
    used: int = 0

    @classmethod
    async def of(cls, member: Member) -> "Authenticator":
        """Turn a second factor on, with the present code."""
        offer = await credentials.begin_totp(actor=member.actor, password=member.password)
        step = _present_step()
        code = pyotp.TOTP(offer.secret).generate_otp(step)
        turned_on = await credentials.confirm_totp(client=HERE, actor=member.actor, code=code)
        return cls(offer.secret, turned_on.recovery_codes, await member_in(turned_on.session, member.login), step)

    def code(self, offset: int = 0) -> str:
        """Return the first unused code from the present one on, or that of some steps of 30 s later."""
        return pyotp.TOTP(self.secret).generate_otp(max(_present_step(), self.used + 1) + offset)


def _present_step() -> int:
    return int(time.time()) // 30
