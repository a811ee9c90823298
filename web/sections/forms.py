"""The forms of the page of sections; each names the version that it was made of."""

from django.http import HttpRequest, HttpResponse

from foundation.errors import AppError
from foundation.validation import validated
from groups.sections.selectors import get_sections
from groups.sections.serializers import WriteSectionsInput
from groups.sections.services import write_sections
from users.actor import Actor
from web.forms import posted, redirect_to
from web.page import PageRequest, render_page

from .arranging import arranged
from .content import sections_context


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponse:
    return await render_page(request, actor, PageRequest(main=sections_context, problem=error))


@posted(_show_again)
async def change(request: HttpRequest, actor: Actor) -> HttpResponse:
    stored = await get_sections(actor=actor)
    wire = [section.as_wire() for section in stored.sections]
    act, section_id, name = [request.POST.get(field, "") for field in ("act", "id", "name")]
    sections = arranged(wire, act, section_id, name)
    version = request.POST.get("version", "")
    await write_sections(actor=actor, **validated(WriteSectionsInput, {"sections": sections, "ifVersion": version}))
    return redirect_to("sections")
