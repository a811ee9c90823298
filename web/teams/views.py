"""The pages of teams."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_safe

from foundation.validation import validated
from users.actor import Actor
from web.shell import signed_in
from workspace.teams.serializers import TeamRefInput

from . import content, forms


@require_http_methods(["GET", "HEAD", "POST"])
async def teams(request: HttpRequest) -> HttpResponseBase:
    """GET lists the teams; POST makes one."""
    return await (forms.create(request) if request.method == "POST" else _list(request))


@signed_in
async def _list(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await content.render_teams(request, actor)


@require_safe
@signed_in
async def team(request: HttpRequest, actor: Actor, team_id: str) -> HttpResponse:
    return await content.render_team(request, actor, **validated(TeamRefInput, {"teamId": team_id}))
