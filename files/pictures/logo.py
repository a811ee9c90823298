"""The workspace's logo: a picture as people's are, which anybody may see, for the sign-in page shows it."""

from files.images.processes import SmallPicture
from foundation.errors import NotFound
from foundation.tasks import run_to_completion
from users.actor import Actor
from workspace import policies, roles
from workspace import services as workspace
from workspace.settings import Workspace

from . import models
from .cutting import SentPicture, cut
from .models import LOGO
from .replacing import replace


async def set_logo(*, actor: Actor, picture: SentPicture) -> Workspace:
    """Have a picture be the logo, cut to a square, and return the settings; the former one is deleted.

    The errors are those of `services.set_picture`; `Forbidden` unless the actor is an administrator.
    """
    picture.require_size()
    # Before it is decoded, which is dear.
    roles.require_administrator(actor)
    return await run_to_completion(_replace(actor, await cut(picture)))


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
    async def assign(logo_id: str | None) -> str | None:
        return await workspace.set_logo(actor=actor, logo_id=logo_id)

    await replace(LOGO, pictures, assign)
    return await policies.get_current()
