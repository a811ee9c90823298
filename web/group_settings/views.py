"""The page of a group's settings, and its forms. After an error the page is shown again, with what was typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.errors import AppError, NotFound
from foundation.validation import validated
from groups import services
from groups.serializers import ChangeGroupInput, GroupRefInput
from users.actor import Actor
from web.forms import posted, redirect_to, typed_text
from web.shell import signed_in, with_headers_of

from .content import settings_context

TEMPLATE = "web/group_settings/settings.html"
_WORDS = ("name", "topic", "description")
_POLICY = ("post", "invite", "rename", "pin", "mentionAll")


@require_safe
@signed_in
async def _shown(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    data = validated(GroupRefInput, {"groupId": group_id})
    return render(request, TEMPLATE, await settings_context(actor, **data))


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
    if isinstance(error, NotFound):
        raise error
    typed = {name: request.POST[name] for name in _WORDS if name in request.POST}
    context = await settings_context(actor, where["group_id"], typed, error)
    return with_headers_of(error, render(request, TEMPLATE, context, status=error.status))


def _changed(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return the fields that are other than when the page was made: what others have changed meanwhile stays."""
    given = {name: typed_text(request, name) for name in names if name in request.POST}
    return {name: value for name, value in given.items() if value != _before(request, name)}


def _before(request: HttpRequest, name: str) -> str | None:
    before = request.POST.get(f"before-{name}")
    return None if before is None else before.replace("\r\n", "\n")


async def _change(actor: Actor, group_id: str, changes: dict[str, Any]) -> HttpResponse:
    if changes:
        await services.change_group(actor=actor, **validated(ChangeGroupInput, {"groupId": group_id, **changes}))
    return redirect_to("group-settings", group_id)


@posted(_show_again)
async def _save(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await _change(actor, group_id, _changed(request, *_WORDS))


@require_http_methods(["GET", "HEAD", "POST"])
async def settings(request: HttpRequest, group_id: str) -> HttpResponse:
    """GET shows the settings; POST changes the name, the topic and the description."""
    view = _save if request.method == "POST" else _shown
    return await view(request, group_id=group_id)  # type: ignore[return-value]


@posted(_show_again)
async def rules(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """Change who finds the group, and what its members may do."""
    changes: dict[str, Any] = dict(_changed(request, "visibility"))
    if policy := _changed(request, *_POLICY):
        changes["policy"] = policy
    return await _change(actor, group_id, changes)


@posted(_show_again)
async def archive(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """Archive the group, or (`archived` is "false") take it back into use."""
    typed = request.POST.get("archived", "")
    # What is neither is refused.
    return await _change(actor, group_id, {"archived": {"true": True, "false": False}.get(typed, typed)})
