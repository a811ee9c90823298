"""What the chat pages' forms do: each takes the input of the other doors, calls the same service, and goes back."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import ChatError, Invalid, NotFound, Unauthenticated
from foundation.validation import validated
from groups import serializers as group_input
from groups import services as groups
from messaging import selectors, serializers, services
from users import selectors as users
from users.actor import Actor
from web.shell import Page, local_path, signed_in

from .views import Asked, render_chat

Form = Callable[..., Coroutine[Any, Any, HttpResponse]]
_CHOICES = 8


def form(view: Form) -> "Page[...]":
    """Take POSTs of the signed-in; a refusal comes back as the page the form was on."""

    @require_POST
    @signed_in
    @wraps(view)
    async def run(request: HttpRequest, actor: Actor, /, **where: str) -> HttpResponse:
        try:
            return await view(request, actor, **where)
        except Unauthenticated:
            raise
        except ChatError as error:
            return await render_chat(request, actor, _asked_again(request, error, where))

    return run


def _asked_again(request: HttpRequest, error: ChatError, where: Mapping[str, str]) -> Asked:
    is_member_form = "/members" in request.path or request.path.endswith("/rename")
    return Asked(where.get("group_id"), panel="members" if is_member_form else "", problem=error)


def _to(name: str, *args: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"chat:{name}", args=args))


def _back(request: HttpRequest, group_id: str) -> HttpResponse:
    """Return to the page of the group that the button was on: its thread, or an older part."""
    group_page = reverse("chat:group", args=[group_id])
    came_from = urlsplit(request.headers.get("Referer", ""))
    here = came_from.netloc == request.get_host() and came_from.path.startswith((f"{group_page}/threads/", group_page))
    query = f"?{came_from.query}" if came_from.query else ""
    return HttpResponseRedirect(local_path(came_from.path + query) if here else group_page)


def _typed(request: HttpRequest, *names: str, **given: str) -> dict[str, Any]:
    """Return these fields of the form as an input object; an empty one is one that was left out."""
    return {name: request.POST[name] for name in names if request.POST.get(name)} | given


@form
async def create_group(request: HttpRequest, actor: Actor) -> HttpResponse:
    group = await groups.create_group(
        actor=actor, **validated(group_input.CreateGroupInput, {"name": request.POST.get("name", "")})
    )
    return _to("members", group.id)


@form
async def create_direct(request: HttpRequest, actor: Actor) -> HttpResponse:
    user_id = await _person(request, actor, reverse("chat:create-direct"))
    if isinstance(user_id, HttpResponse):
        return user_id
    group = await groups.create_direct(actor=actor, **validated(group_input.CreateDirectInput, {"userId": user_id}))
    return _to("group", group.id)


@form
async def add_member(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    user_id = await _person(request, actor, reverse("chat:add-member", args=[group_id]), group_id)
    if isinstance(user_id, HttpResponse):
        return user_id
    given = validated(group_input.AddMembersInput, {"groupId": group_id, "userIds": [user_id]})
    await groups.add_members(actor=actor, **given)
    return _to("members", group_id)


@form
async def remove_member(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await groups.remove_member(
        actor=actor, **validated(group_input.MemberRefInput, _typed(request, "userId", groupId=group_id))
    )
    return _to("members", group_id)


@form
async def change_role(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    given = validated(group_input.ChangeRoleInput, _typed(request, "userId", "role", groupId=group_id))
    await groups.change_role(actor=actor, **given)
    return _to("members", group_id)


@form
async def leave(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await groups.leave_group(actor=actor, **validated(group_input.GroupRefInput, {"groupId": group_id}))
    return _to("home")


@form
async def rename(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    given = validated(group_input.RenameGroupInput, {"groupId": group_id, "name": request.POST.get("name", "")})
    await groups.rename_group(actor=actor, **given)
    return _to("members", group_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def edit(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """GET shows the message with a box in its place; POST stores what is in it."""
    message = await selectors.get_message(actor=actor, message_id=message_id)
    parent_id = message.get("parentId", "")
    asked = Asked(group_id, panel="thread" if parent_id else "", message_id=parent_id, editing=message_id)
    if request.method != "POST":
        return await render_chat(request, actor, asked)
    given = _typed(request, "ifVersion", messageId=message_id, content=request.POST.get("content", ""))
    try:
        await services.edit_message(actor=actor, **validated(serializers.EditMessageInput, given))
    except Unauthenticated:
        raise
    except ChatError as error:
        return await render_chat(request, actor, replace(asked, problem=error, edited=given["content"]))
    return _to("thread", group_id, parent_id) if parent_id else _to("group", group_id)


@form
async def delete(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    await services.delete_message(actor=actor, **validated(serializers.MessageRefInput, {"messageId": message_id}))
    return _back(request, group_id)


@form
async def add_reaction(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _react(request, actor, group_id, message_id, "add")


@form
async def remove_reaction(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _react(request, actor, group_id, message_id, "remove")


async def _react(request: HttpRequest, actor: Actor, group_id: str, message_id: str, action: str) -> HttpResponse:
    given = _typed(request, "emoji", messageId=message_id, action=action)
    await services.react(actor=actor, **validated(serializers.ReactionInput, given))
    return _back(request, group_id)


@form
async def read(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await services.mark_read(
        actor=actor, **validated(serializers.MarkReadInput, _typed(request, "seq", groupId=group_id))
    )
    return _to("group", group_id)


async def _person(request: HttpRequest, actor: Actor, url: str, group_id: str | None = None) -> str | HttpResponse:
    """Return the id of whoever was chosen or named; a name that several have, or nobody, is answered with a page."""
    chosen = request.POST.get("userId")
    if chosen:
        return chosen
    name = " ".join(request.POST.get("name", "").split())
    if not name:
        raise Invalid("Type a name.")
    found = await users.find_users(query=name, limit=_CHOICES)
    same = [user for user in found if user.name.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0].id
    matches = {"name": name, "url": url, "people": same or found}
    status = 200 if matches["people"] else NotFound.status
    panel = "members" if group_id else ""
    return await render_chat(request, actor, Asked(group_id, panel=panel, matches=matches, status=status))
