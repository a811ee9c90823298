"""The workspace's logo: a picture as people's are, which anybody may see, for the sign-in page shows it."""

from collections.abc import AsyncIterable

from files.images.processes import SmallPicture
from foundation.errors import NotFound, Unavailable
from foundation.ids import new_id
from foundation.tasks import run_to_completion
from users.actor import Actor
from workspace import policies, roles
from workspace import services as workspace
from workspace.rows import WORKSPACE
from workspace.settings import Workspace

from . import models
from .services import cut, delete_one


async def set_logo(
    *, actor: Actor, pieces: AsyncIterable[bytes], size: int, square: tuple[int, int, int] | None = None
) -> Workspace:
    """Have a picture of `size` bytes be the logo, cut to a square, and return the settings; the former one is deleted.

    `square` and the errors are those of `services.set_picture`; `Forbidden` unless the actor is an administrator.
    """
    # Before it is decoded, which is dear.
    roles.require_administrator(actor)
    return await run_to_completion(_replace(actor, await cut(pieces, size, square)))


async def remove_logo(*, actor: Actor) -> Workspace:
    """Take the logo away and return the settings; raises `Forbidden`, `Unavailable`."""
    roles.require_administrator(actor)
    return await run_to_completion(_replace(actor, []))


async def read_logo(*, logo_id: str, side: int) -> bytes:
    """Return the logo, a WebP; raises `NotFound` for one that is not, or not any more; `Unavailable`."""
    content = await models.read(logo_id, side) if logo_id == (await policies.get_current()).logo_id else None
    if content is None:
        raise NotFound
    return content


async def _replace(actor: Actor, pictures: list[SmallPicture]) -> Workspace:
    logo_id = new_id("picture") if pictures else None
    if logo_id:
        await models.insert(logo_id, WORKSPACE, pictures)
    try:
        former = await workspace.set_logo(actor=actor, logo_id=logo_id)
    except BaseException as error:
        # After a write whose outcome is not known it may be the logo: then the sweep decides.
        if logo_id and not isinstance(error, Unavailable):
            await delete_one(logo_id)
        raise
    if former and former != logo_id:
        await delete_one(former)
    return await policies.get_current()
