"""Template filters of the reference pages, and the bar above them and the pages of the browsable API."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    """Escape a text, with what is between backticks as `<code>`."""
    parts = text.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if i % 2 else part,) for i, part in enumerate(parts))
    )


@register.inclusion_tag("rest_framework/bar.html", takes_context=True)
def api_bar(context: Any) -> dict[str, Any]:
    """Show where one is, and a way to log in or out; a page that does not look who calls goes by the cookie."""
    request = context["request"]
    return {
        "actor": context.get("actor"),
        "workspace": context.get("workspace"),
        "has_session": settings.SESSION_COOKIE in request.COOKIES,
        "address": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
