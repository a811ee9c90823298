"""A form without this browser's own CSRF token: of a page that is older than the last sign-in, or of another site."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refuse(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse it; what somebody has typed on a page of this server is shown once more, and lost by no means."""
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    context = {"text": request.POST.get("content", "") if own else ""}
    return render(request, "403_csrf.html", context, status=403)
