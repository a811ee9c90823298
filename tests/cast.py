"""The people of the tests: alice owns the group, bob is a member, charlie is an outsider."""

from dataclasses import dataclass
from uuid import uuid4

from users.actor import Actor
from users.services import sign_in, sign_in_locally


@dataclass(frozen=True)
class Person:
    """A user who has signed in, with their session token."""

    actor: Actor
    token: str

    @property
    def id(self) -> str:
        return self.actor.user_id

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def person(name: str, *, lifetime: int | None = None) -> Person:
    """Sign in a new user under a unique name; `lifetime` is that of the token, in seconds."""
    token = await sign_in_locally(name=f"{name} {uuid4().hex[:10]}", lifetime=lifetime)
    return Person(await sign_in(token=token), token)
