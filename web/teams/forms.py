"""The forms of teams. After an error the page is shown again, with what was typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.errors import AppError, Invalid, NotFound
from foundation.validation import validated
from users import selectors as users
from users.actor import Actor
from users.names import distinct_names, name_key
from users.serializers import FindUsersInput
from web.forms import posted, redirect_to, validated_input
from web.shell import with_headers_of
from workspace.teams import serializers, services

from .content import FIELDS, render_team, render_teams

_MATCHES_SHOWN = 8


async def _show_list(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponseBase:
    return with_headers_of(error, await render_teams(request, actor, error))


async def _show_team(request: HttpRequest, actor: Actor, error: AppError, /, team_id: str) -> HttpResponseBase:
    return with_headers_of(error, await render_team(request, actor, team_id, error))


@posted(_show_list)
async def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    data = validated_input(serializers.CreateTeamInput, request, *FIELDS)
    team = await services.create_team(actor=actor, **data)
    return redirect_to("team", team.id)


@posted(_show_team)
async def change(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    given = {name: request.POST[name] for name in FIELDS if name in request.POST}
    await services.change_team(actor=actor, **validated(serializers.ChangeTeamInput, {"teamId": team_id, **given}))
    return redirect_to("team", team_id)


@posted(_show_team)
async def delete(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    await services.delete_team(actor=actor, **validated(serializers.TeamRefInput, {"teamId": team_id}))
    return redirect_to("teams")


@posted(_show_team)
async def add(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    """Put somebody into the team, whom the form names; of several who are called so, ask which."""
    if (user_id := request.POST.get("userId")) is None:
        same, people = await _people_called(actor, request.POST.get("name", ""))
        if len(same) != 1:
            if not people:
                raise NotFound("Nobody here is called so.")
            return await render_team(request, actor, team_id, matches=people)
        (user_id,) = same
    data = validated(serializers.AddPeopleInput, {"teamId": team_id, "userIds": [user_id]})
    await services.add_people(actor=actor, **data)
    return redirect_to("team", team_id)


async def _people_called(actor: Actor, typed: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the ids of those who are called exactly so, or have this handle, and all who are found by it."""
    name = " ".join(typed.split())
    if not name:
        raise Invalid("Type a name.")
    found = await users.find_users(actor=actor, **validated(FindUsersInput, {"search": name, "limit": _MATCHES_SHOWN}))
    labels = distinct_names({user.id: user.name for user in found.users})
    same = [
        user.id
        for user in found.users
        if name_key(user.name) == name_key(name) or f"@{user.handle}".lower() == name.lower()
    ]
    whole = same if found.next_cursor is None else []
    return whole, [{"id": user.id, "name": labels[user.id]} for user in found.users]


@posted(_show_team)
async def remove(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    await services.remove_person(
        actor=actor, **validated_input(serializers.PersonRefInput, request, "userId", teamId=team_id)
    )
    return redirect_to("team", team_id)


@posted(_show_team)
async def change_role(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    data = validated_input(serializers.ChangeTeamRoleInput, request, "userId", "role", teamId=team_id)
    await services.change_role(actor=actor, **data)
    return redirect_to("team", team_id)
