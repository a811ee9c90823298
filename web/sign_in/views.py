"""The sign-in page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from web.shell import page, safe_path

from .content import sign_in_context
from .forms import sign_in_by_name


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def sign_in(request: HttpRequest) -> HttpResponse:
    """GET shows the local issuer's form, or Clerk's sign-in box; POST handles the form."""
    if request.method == "POST":
        return await sign_in_by_name(request)
    context = sign_in_context(next_path=safe_path(request.GET.get("next")))
    return render(request, "web/sign_in/sign_in.html", context)
