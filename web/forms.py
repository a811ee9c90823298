"""What the features' forms share: each passes the API's input to the API's service, and redirects to a page."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from rest_framework.serializers import Serializer

from foundation.errors import AppError, Unauthenticated
from foundation.validation import validated
from users.actor import Actor

from .page import PageRequest, render_page
from .panel import PanelLoader
from .shell import View, safe_path, signed_in

FormView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
# Gets the request, the actor, the error, and what the address names.
ShowAgain = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def posted(
    show_again: ShowAgain, errors: tuple[type[AppError], ...] = (AppError,)
) -> "Callable[[FormView], View[...]]":
    """Accept POSTs of signed-in users; these errors are given to `show_again`, which shows the form anew."""

    def decorate(view: FormView) -> "View[...]":
        @require_POST
        @signed_in
        @wraps(view)
        async def run(request: HttpRequest, actor: Actor, /, **where: str) -> HttpResponseBase:
            try:
                return await view(request, actor, **where)
            except Unauthenticated:
                raise
            except errors as error:
                return await show_again(request, actor, error, **where)

        return run

    return decorate


def form(panel: PanelLoader | None = None) -> "Callable[[FormView], View[...]]":
    """Accept POSTs of signed-in users; an error is shown on the group's page, with `panel` beside it."""

    async def show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
        shown = where.get("group_id") or open_group(request)
        return await render_page(request, actor, PageRequest(shown, panel=panel, problem=error))

    return posted(show_again)


def open_group(request: HttpRequest) -> str | None:
    """Return the id of the group that was open beside the form, if any: it stays there when the form is shown again."""
    return request.POST.get("here") or None


def typed_text(request: HttpRequest, name: str) -> str:
    """Return what was typed in a field: browsers send each line break as two characters, which is one."""
    return request.POST.get(name, "").replace("\r\n", "\n")


def validated_input(
    serializer: type[Serializer[Any]], request: HttpRequest, *names: str, **values: str
) -> dict[str, Any]:
    """Return a service's arguments from the form's fields `names`, without the empty ones, and from `values`."""
    filled = {name: typed_text(request, name) for name in names if request.POST.get(name)}
    return validated(serializer, filled | values)


def redirect_to(name: str, *args: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"web:{name}", args=args))


def redirect_back(request: HttpRequest, group_id: str) -> HttpResponse:
    """Redirect to the page of the group that the form was on: a thread, or an older part."""
    group_page = reverse("web:group", args=[group_id])
    path = _path_of(request.headers.get("Referer", ""), request.get_host())
    here = path.startswith(group_page) and safe_path(path) == path
    return HttpResponseRedirect(path if here else group_page)


def _path_of(address: str, host: str) -> str:
    """Return the path and query of an address on this host, "" for any other, and for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit(("", "", parts.path, parts.query, "")) if parts.netloc == host else ""
