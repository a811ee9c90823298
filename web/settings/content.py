"""What the page of one's settings shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from users import selectors as users
from users.actor import Actor
from users.user import AUTO, DARK, LIGHT, NEW_LINE, SEND, SYSTEM

THEMES = {SYSTEM: _("As this device"), LIGHT: _("Light"), DARK: _("Dark")}
ENTER_KEYS = {
    AUTO: _("Sends the message; on a touch screen it begins a new line"),
    SEND: _("Always sends the message"),
    NEW_LINE: _("Always begins a new line; Ctrl+Enter sends"),
}


async def render_settings(
    request: HttpRequest, actor: Actor, *, problem: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    preferences = await users.get_preferences(actor=actor)
    context = {
        "preferences": preferences,
        "languages_known": settings.LANGUAGES,
        "themes": THEMES,
        "enter_keys": ENTER_KEYS,
        "problem": problem,
    }
    return render(request, "web/settings/settings.html", context, status=status)
