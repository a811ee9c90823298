"""How the templates write text, avatars and sizes.

static/web/js/ui/text.js and ui/avatar.js write the same for what arrives live: change both.
"""

import re
from functools import cache
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from django import template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

TONES = 8
_SCRIPTS = Path(__file__).resolve().parent.parent / "static" / "web" / "js"
# The rest of a message is text: a page of 50 messages of 900 links has 4 MB. web/static/web/js/ui/text.js has the same.
MAX_LINKS = 50
_LINK = re.compile(r"""https?://[^\s<>"'`]+""", re.IGNORECASE)


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("web/icons.svg"), name
    )


@register.simple_tag
@cache
def modules() -> list[str]:
    """Return the addresses of all modules of the script, for the page to preload.

    Without that, the browser asks for a module only once it has the one that imports it. Read from the disk once a
    process.
    """
    names = sorted(path.relative_to(_SCRIPTS).as_posix() for path in _SCRIPTS.rglob("*.js"))
    return [*(static(f"web/js/{name}") for name in names), static("socket.io/socket.io.esm.min.js")]


@register.simple_tag
def avatar(name: str) -> SafeString:
    return format_html(
        '<span class="avatar tone-{}" data-field="avatar" aria-hidden="true">{}</span>', tone(name), initials(name)
    )


def tone(name: str) -> int:
    """Return the number of a name's avatar colour, from 0 on; the script computes the same."""
    return sum(map(ord, name or "")) % TONES


def initials(name: str) -> str:
    words = (name or "").split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:2] for word in words]
    return "".join(letters).upper()


@register.filter
def linked(content: str) -> SafeString:
    """Escape a message's text and turn its http and https addresses into links, the first `MAX_LINKS` of them."""
    parts: list[str] = []
    end = 0
    for match in islice(_LINK.finditer(content or ""), MAX_LINKS):
        url = _without_punctuation(match.group())
        if not _is_link(url):
            continue
        parts.append(conditional_escape(content[end : match.start()]))
        parts.append(format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', url, url))
        end = match.start() + len(url)
    parts.append(conditional_escape((content or "")[end:]))
    return format_html_join("", "{}", ((SafeString(part),) for part in parts))  # nosec B703


def _without_punctuation(url: str) -> str:
    """Cut off punctuation of the sentence around the address: a full stop, or a bracket that was opened before it."""
    return url.rstrip(".,;:!?" if "(" in url else ".,;:!?)")


def _is_link(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


@register.filter
def size(octets: int) -> str:
    return filesizeformat(octets or 0)
