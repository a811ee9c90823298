"""The question whether a group is to be deleted, and its answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError, Invalid, Unauthenticated
from groups import selectors as groups
from groups.access import require_deleter
from messaging.group_deletion import delete_group
from users.actor import Actor
from web.forms import redirect_to
from web.shell import problem_of, signed_in, with_headers_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def delete(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """GET asks; POST deletes the group if its name was typed."""
    group = await groups.get_group_detail(actor=actor, group_id=group_id)
    # As the service does, but before the question.
    require_deleter(group["role"])
    if request.method != "POST":
        return _ask(request, group)
    try:
        if " ".join(request.POST.get("name", "").split()) != " ".join(group["name"].split()):
            raise Invalid("That is not its name: nothing was deleted.")
        await delete_group(actor=actor, group_id=group_id)
    except Unauthenticated:
        raise
    except AppError as error:
        return with_headers_of(error, _ask(request, group, error))
    return redirect_to("home")


def _ask(request: HttpRequest, group: dict[str, Any], error: AppError | None = None) -> HttpResponse:
    context = {"group": group, "problem": problem_of(error)}
    return render(request, "web/group_deletion/question.html", context, status=error.status if error else 200)
