"""What the page of sections shows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from groups.sections.selectors import get_sections
from groups.sections.serializers import MAX_SECTIONS
from users.actor import Actor


async def sections_context(actor: Actor) -> dict[str, Any]:
    """Return what stands in the place of a conversation: the sections with their forms."""
    stored = await get_sections(actor=actor)
    return {
        "key": "sections",
        "title": _("Sections"),
        "template": "web/sections/sections.html",
        "stored": stored,
        "is_full": len(stored.sections) >= MAX_SECTIONS,
    }
