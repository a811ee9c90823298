"""How the templates write avatars, sizes and counts.

static/web/js/ui/text.js and ui/avatar.js write the same for what arrives live: change both.
"""

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from users.user import User
from web import bundle, emoji_data

register = template.Library()

TONES = 8
_SOCKET_IO = "socket.io/socket.io.esm.min.js"
# What npm's modules are called by modules, and where they lie.
_OF_NPM = {
    "socket.io-client": _SOCKET_IO,
    "@floating-ui/dom": "floating-ui/dom/floating-ui.dom.browser.min.mjs",
    "@floating-ui/core": "floating-ui/core/floating-ui.core.browser.min.mjs",
    "@floating-ui/utils": "floating-ui/utils/floating-ui.utils.mjs",
    "@floating-ui/utils/dom": "floating-ui/utils/floating-ui.utils.dom.mjs",
}
_SCRIPTS = Path(__file__).resolve().parent.parent / "static" / "web" / "js"


# A page has hundreds of icons, of a few names.
@register.simple_tag
@cache
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
    if settings.STATIC_ROOT:
        return [static(name) for name in bundle.shared_chunks(Path(settings.STATIC_ROOT))]
    names = sorted(path.relative_to(_SCRIPTS).as_posix() for path in _SCRIPTS.rglob("*.js"))
    return [*(static(f"web/js/{name}") for name in names), static(_SOCKET_IO)]


@register.simple_tag
def import_map() -> SafeString:
    """Return where the script's modules find those of npm; "" where they are built into it."""
    if settings.STATIC_ROOT:
        return SafeString("")
    imports = {name: static(path) for name, path in _OF_NPM.items()}
    return SafeString(json.dumps({"imports": imports}))  # nosec B308 B703


@register.simple_tag
@cache
def emoji_files() -> dict[str, str]:
    """Return where the data of emoji of each language lies."""
    return {language: static(emoji_data.path_of(language)) for language in emoji_data.LANGUAGES}


@register.simple_tag
@lru_cache(maxsize=1024)
def avatar(name: str) -> SafeString:
    return format_html(
        '<span class="avatar tone-{}" data-field="avatar" aria-hidden="true">{}</span>', tone(name), initials(name)
    )


# Where Clerk keeps pictures; the pages' policy lets a browser load them from nowhere else.
_CLERKS_PICTURES = "https://img.clerk.com/"


@register.simple_tag
def picture(user: User, side: int) -> SafeString:
    """Return a person's picture of about `side` pixels on a side, else their avatar."""
    url = user.image_url or ""
    if url.startswith("/"):
        return format_html(
            '<img class="picture" src="{}&amp;size={}" alt="" width="{}" height="{}">', url, side, side, side
        )
    if url.startswith(_CLERKS_PICTURES) and not settings.LOCAL_ISSUER:
        return format_html('<img class="picture" src="{}" alt="" width="{}" height="{}">', url, side, side)
    return avatar(user.name)


@register.simple_tag
def group_picture(group: Any, side: int) -> SafeString:
    """Return a group's picture of about `side` pixels on a side, else its sign; `ui/avatar.js` writes the same."""
    url = group.get("image_url") if isinstance(group, dict) else group.image_url
    shown = (
        format_html('<img src="{}&amp;size={}" alt="" width="{}" height="{}">', url, side, side, side) if url else "#"
    )
    return format_html('<span class="hash" data-field="picture" aria-hidden="true">{}</span>', shown)


def tone(name: str) -> int:
    """Return the number of a name's avatar colour, from 0 on; the script computes the same."""
    return sum(map(ord, name or "")) % TONES


def initials(name: str) -> str:
    words = (name or "").split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:2] for word in words]
    return "".join(letters).upper()


@register.filter
def size(octets: int) -> str:
    return filesizeformat(octets or 0)


# A badge has no room for more.
MOST = 999


@register.filter
def short(number: int) -> str:
    """Return what a badge shows of a count; `ui/text.js` writes the same."""
    return f"{MOST}+" if (number or 0) > MOST else str(number or 0)


@register.filter
def thousands(number: int) -> str:
    return f"{number or 0:,}"
