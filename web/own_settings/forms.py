"""The form of what one sets of a group for oneself; any field may be lacking: a button sends a single one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from foundation.errors import Invalid
from foundation.ids import to_wire
from foundation.validation import validated
from groups.own_settings.serializers import ChangeOwnSettingsInput
from groups.own_settings.services import change_own_settings
from groups.sections.selectors import get_sections
from groups.sections.serializers import WriteSectionsInput
from groups.sections.services import write_sections
from users.actor import Actor
from web.forms import form, redirect_back
from web.people.content import members_panel

from .content import MUTES

_FIELDS = ("level", "muted", "mutedUntil", "favourite", "sectionId")


@form(panel=members_panel)
async def save(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    typed = {name: request.POST[name] for name in _FIELDS if name in request.POST}
    data = validated(ChangeOwnSettingsInput, {"groupId": group_id, **typed, **_mute(request.POST.get("mute", ""))})
    if name := request.POST.get("newSection", "").strip():
        data["section_id"] = await _make_section(actor, name)
    await change_own_settings(actor=actor, **data)
    return redirect_back(request, group_id)


def _mute(choice: str) -> dict[str, Any]:
    if not choice:
        return {}
    if choice not in MUTES:
        raise Invalid("Choose one of the times.")
    if choice.isdigit():
        return {"mutedUntil": to_wire(datetime.now(UTC) + timedelta(minutes=int(choice)))}
    return {"muted": choice}


async def _make_section(actor: Actor, name: str) -> str:
    """Return the id of a new section behind the others."""
    stored = await get_sections(actor=actor)
    sections = [*(section.as_wire() for section in stored.sections), {"name": name}]
    data = validated(WriteSectionsInput, {"sections": sections, "ifVersion": stored.version})
    return (await write_sections(actor=actor, **data)).sections[-1].id
