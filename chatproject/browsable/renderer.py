"""The renderer of the browsable API: a page of our own in place of DRF's."""

import re
from collections.abc import Mapping
from typing import Any

from django.template import loader
from django.urls import resolve
from rest_framework import renderers

from users.actor import Actor

from .forms import forms_of, parameters_of, summary_of
from .links import linked_json, related

_NEXT = re.compile(r'<([^>]+)>; rel="next"')
_UNAUTHENTICATED = 401


class BrowsableRenderer(renderers.BrowsableAPIRenderer):
    """Renders what JSON clients get, with links, and forms that show an example of each input."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> str:
        context = renderer_context or {}
        view, request, response = context["view"], context["request"], context["response"]
        template = loader.get_template(self.template)
        return template.render(self._page(data, view, request, response), request=request._request)

    def _page(self, data: Any, view: Any, request: Any, response: Any) -> dict[str, Any]:
        user = getattr(request, "_user", None)
        address = request._request.resolver_match
        following = _NEXT.search(response.get("Link", ""))
        reads = "GET" in view.allowed_methods and response.status_code != _UNAUTHENTICATED
        return {
            "name": self.get_name(view),
            "description": summary_of(view, request.method) or view.get_view_description(),
            "method": request.method,
            "address": request.get_full_path(),
            "json_address": _with_json(request) if request.method == "GET" and reads and data else "",
            "status": f"{response.status_code} {response.status_text}",
            "is_error": response.status_code >= 400,
            "headers": [(name, value) for name, value in sorted(response.items()) if name != "Content-Type"],
            "content": linked_json(data) if data is not None else "",
            "next": following[1] if following else "",
            "related": related(address.url_name or "", address.kwargs) if address and reads else [],
            "parameters": parameters_of(view, request.query_params) if reads else [],
            "forms": forms_of(view, request.query_params) if isinstance(user, Actor) else [],
            "breadcrumbs": [crumb for crumb in self.get_breadcrumbs(request) if _leads(crumb[1], view.kwargs)],
            "actor": user if isinstance(user, Actor) else None,
        }


def _leads(path: str, ids: Mapping[str, str]) -> bool:
    """Return whether there is something at a part of an address with these ids: any part has some view."""
    match = resolve(path)
    return match.url_name is not None and match.kwargs.items() <= ids.items()


def _with_json(request: Any) -> str:
    query = request._request.GET.copy()
    query["format"] = "json"
    return f"{request.path}?{query.urlencode()}"
