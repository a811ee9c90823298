"""The forms that create a group or a direct conversation, rename a group, and change its members."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from foundation.errors import AppError, Forbidden, Invalid, NotFound, Unauthenticated
from foundation.validation import validated
from groups import serializers, services
from users import selectors as users
from users.actor import Actor
from users.folding import fold
from users.names import distinct_names, name_key
from users.serializers import FindUsersInput
from users.user import User
from web.forms import form, open_group, redirect_to, validated_input
from web.page import NewGroup, PageRequest, render_page
from workspace.teams import selectors as teams
from workspace.teams.models import Team

from .content import members_panel

_MATCHES_SHOWN = 8
# Why people of a team were not added.
_REASONS = {
    "left": "left this group by themselves, and were asked to come back",
    "asked": "are asked before being added, and were",
}


@form()
async def create_group(request: HttpRequest, actor: Actor) -> HttpResponse:
    name, client_id = request.POST.get("name", ""), request.POST.get("clientId", "")
    try:
        more = {field: request.POST[field] for field in ("clientId", "visibility") if request.POST.get(field)}
        data = validated(serializers.CreateGroupInput, {"name": name, **more})
        group = await services.create_group(actor=actor, **data)
    except Unauthenticated:
        raise
    except AppError as error:
        # A retry of the same name makes the same group; anything else is another one.
        new_group = NewGroup(name, client_id) if error.retryable and client_id else NewGroup(name)
        return await render_page(request, actor, PageRequest(open_group(request), problem=error, new_group=new_group))
    return redirect_to("members", group.id)


@form()
async def create_direct(request: HttpRequest, actor: Actor) -> HttpResponse:
    chosen: dict[str, Any] = {"userIds": request.POST.getlist("userId")}
    if len(chosen["userIds"]) < 2:
        user_id = await _chosen_user(request, actor, reverse("web:create-direct"))
        if isinstance(user_id, HttpResponse):
            return user_id
        chosen = {"userId": user_id}
    group = await services.create_direct(actor=actor, **validated(serializers.CreateDirectInput, chosen))
    return redirect_to("group", group.id)


@form(panel=members_panel)
async def add_member(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    if team := await _team_of(actor, request.POST.get("name", "")):
        data = validated(serializers.AddMembersInput, {"groupId": group_id, "teamIds": [team.id]})
        _require_all_added(await services.add_teams(actor=actor, **data))
        return redirect_to("members", group_id)
    user_id = await _chosen_user(request, actor, reverse("web:add-member", args=[group_id]), group_id)
    if isinstance(user_id, HttpResponse):
        return user_id
    data = validated(serializers.AddMembersInput, {"groupId": group_id, "userIds": [user_id]})
    await services.add_members(actor=actor, **data)
    return redirect_to("members", group_id)


@form(panel=members_panel)
async def remove_member(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    data = validated_input(serializers.MemberRefInput, request, "userId", groupId=group_id)
    await services.remove_member(actor=actor, **data)
    return redirect_to("members", group_id)


@form(panel=members_panel)
async def change_role(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    data = validated_input(serializers.ChangeRoleInput, request, "userId", "role", groupId=group_id)
    await services.change_role(actor=actor, **data)
    return redirect_to("members", group_id)


@form()
async def leave_group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await services.leave_group(actor=actor, **validated_input(serializers.GroupRefInput, request, groupId=group_id))
    return redirect_to("home")


async def rejoin_group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await services.rejoin_group(actor=actor, **validated_input(serializers.GroupRefInput, request, groupId=group_id))
    return redirect_to("group", group_id)


@form(panel=members_panel)
async def rename_group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    data = validated(serializers.ChangeGroupInput, {"groupId": group_id, "name": request.POST.get("name", "")})
    await services.change_group(actor=actor, **data)
    return redirect_to("members", group_id)


async def _team_of(actor: Actor, typed: str) -> Team | None:
    """Return the team of which this is the handle, with its `@`."""
    name = typed.strip()
    if not name.startswith("@"):
        return None
    found = await teams.find_teams_for(actor=actor, query=name[:64], limit=_MATCHES_SHOWN)
    return next((team for team in found if f"@{team.handle}".lower() == name.lower()), None)


def _require_all_added(answer: dict[str, Any]) -> None:
    """Raise `Forbidden` that names how many were added, where not all could be."""
    if reasons := list(answer["notAdded"].values()):
        counts = {reason: reasons.count(reason) for reason in reasons}
        sentences = [f"{count} {_REASONS[reason]}." for reason, count in counts.items()]
        raise Forbidden(f"{len(answer['added'])} were added, the others not.", fields={"teamIds": sentences})


async def _chosen_user(request: HttpRequest, actor: Actor, url: str, group_id: str | None = None) -> str | HttpResponse:
    """Return the id of the user that the form names.

    When several users have the name, or none, return a page that offers those it may mean; a choice goes to `url`.
    """
    chosen = request.POST.get("userId")
    if chosen:
        return chosen
    name = " ".join(request.POST.get("name", "").split())
    if not name:
        raise Invalid("Type a name.")
    cursor = request.POST.get("cursor")
    search = {"search": name, "limit": _MATCHES_SHOWN, **({"cursor": cursor} if cursor else {})}
    found = await users.find_users(actor=actor, **validated(FindUsersInput, search))
    same = [user for user in found.users if _is_called(user, name)]
    # Those who are called so come first: whoever is found by less means that there are no more of them.
    has_all = found.next_cursor is None or not all(_is_found_by_all_of(user, name) for user in found.users)
    if len(same) == 1 and has_all and not cursor:
        return same[0].id
    people = same if same and has_all else found.users
    next_cursor = found.next_cursor if len(people) == len(found.users) else None
    labels = distinct_names({user.id: user.name for user in people})
    offered = [{"id": user.id, "name": labels[user.id]} for user in people]
    matches = {"name": name, "url": url, "people": offered, "next_cursor": next_cursor, "is_direct": group_id is None}
    status = 200 if people else NotFound.status
    panel = members_panel if group_id else None
    shown = group_id or open_group(request)
    return await render_page(request, actor, PageRequest(shown, panel=panel, matches=matches, status=status))


def _is_called(user: User, name: str) -> bool:
    """Return whether this is the user's name, or their handle."""
    if name.startswith("@"):
        return user.handle is not None and user.handle.lower() == name[1:].lower()
    return name_key(user.name) == name_key(name)


def _is_found_by_all_of(user: User, name: str) -> bool:
    return fold(name.removeprefix("@")) in (fold(user.name), fold(user.handle or ""))
