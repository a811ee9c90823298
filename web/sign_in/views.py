"""The sign-in page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import keeps_accounts
from web.shell import page, safe_path

from .content import TEMPLATE, password_context, sign_in_context
from .forms import sign_in_by_name, sign_in_by_password


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def sign_in(request: HttpRequest) -> HttpResponse:
    """GET shows a form, or Clerk's sign-in box; POST handles the form."""
    if request.method == "POST":
        return await (sign_in_by_password(request) if keeps_accounts() else sign_in_by_name(request))
    next_path = safe_path(request.GET.get("next"))
    if keeps_accounts():
        return render(request, TEMPLATE, password_context(request=request, next_path=next_path))
    return render(request, TEMPLATE, sign_in_context(next_path=next_path))
