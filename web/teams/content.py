"""What the pages of teams show."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.errors import AppError
from foundation.validation import validated
from users import selectors as users
from users.actor import Actor
from users.names import distinct_names
from web.shell import problem_of
from workspace.teams import selectors
from workspace.teams.access import may_make_teams
from workspace.teams.serializers import FindTeamsInput, ListPeopleInput

_SHOWN = 30
# What the forms of a team have, in which something typed is shown again.
FIELDS = ("name", "handle", "description")


async def render_teams(request: HttpRequest, actor: Actor, error: AppError | None = None) -> HttpResponse:
    """Return the list of teams, or those that are searched for; with what was typed for a new one if that failed."""
    given = {name: request.GET[name] for name in ("search", "cursor") if request.GET.get(name)}
    data = validated(FindTeamsInput, {**given, "limit": _SHOWN})
    teams, cursor = await selectors.find_teams(actor=actor, **data)
    context = {
        "query": given.get("search", ""),
        "teams": teams,
        "next_cursor": cursor,
        "may_make": may_make_teams(actor),
        "values": _typed(request) if error else {},
        "problem": problem_of(error) if error else None,
    }
    return render(request, "web/teams/teams.html", context, status=error.status if error else 200)


async def render_team(
    request: HttpRequest, actor: Actor, team_id: str, error: AppError | None = None, **more: Any
) -> HttpResponse:
    """Return the page of a team; raises `NotFound`. `more` is what a form asks back."""
    team = await selectors.get_team(actor=actor, team_id=team_id)
    cursor = request.GET.get("cursor")
    data = validated(ListPeopleInput, {"teamId": team_id, **({"cursor": cursor} if cursor else {})})
    page = await selectors.list_people(actor=actor, **data)
    known = await users.get_users(user_ids=[member["userId"] for member in page["members"]])
    labels = distinct_names({user_id: user.name for user_id, user in known.items()})
    rows = [
        {**member, "user": user, "tag": labels[user.id].removeprefix(user.name)}
        for member in page["members"]
        if (user := known.get(member["userId"]))
    ]
    context = {
        "team": team,
        "rows": sorted(rows, key=lambda row: (row["role"], row["name"].casefold())),
        "next_cursor": page.get("nextCursor"),
        "may_delete": may_make_teams(actor),
        "actor": actor,
        "values": {name: team[name] for name in FIELDS} | (_typed(request) if error else {}),
        "problem": problem_of(error) if error else None,
        **more,
    }
    return render(request, "web/teams/team.html", context, status=error.status if error else 200)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in FIELDS if name in request.POST}
