"""The kinds of files, by their content type: how a browser may show one, and what a list of files is filtered by.

What runs in a browser as ours runs with our users' rights. So a file is shown by its own type only if that type is in
this table, it was found in the content, and the policy of its kind lets no script run. HTML, XML and SVG may carry
scripts: never add them.
"""

import re
from collections.abc import Mapping

IMAGE, VIDEO, AUDIO, DOCUMENT, OTHER = KINDS = ("image", "video", "audio", "document", "other")

# Loads nothing but itself, in an origin of its own, without scripts and forms.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
_NO_SCRIPT = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'"
)
# A browser's player asks for the file again, part by part, with the origin of the document that it is: in a sandbox
# that is nobody's, has no session, and gets nothing. Neither kind of document holds markup, and no script may run.
PLAYER = f"{_NO_SCRIPT}; media-src 'self'"
# The viewer is a page of the browser's own, embedded.
VIEWER = f"{_NO_SCRIPT}; object-src 'self'; img-src 'self' data: blob:"

# Each type that a browser shows by itself, with the policy of what it is shown as.
POLICIES: Mapping[str, str] = {
    **dict.fromkeys(("image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"), SANDBOX),
    **dict.fromkeys(("video/mp4", "video/ogg", "video/quicktime", "video/webm"), PLAYER),
    **dict.fromkeys(
        ("audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/webm"), PLAYER
    ),
    "application/pdf": VIEWER,
    "text/plain": SANDBOX,
}

# What types each kind has; the rest is `other`. Every document is text, a page or a table that people write.
PATTERNS: Mapping[str, str] = {
    IMAGE: r"^image/",
    VIDEO: r"^video/",
    AUDIO: r"^audio/",
    DOCUMENT: (
        r"^(text/|application/(pdf|rtf|json|xml|msword|epub\+zip|x-tex$|vnd\.ms-(excel|powerpoint|word)"
        r"|vnd\.openxmlformats-officedocument\.|vnd\.oasis\.opendocument\.|vnd\.apple\.(pages|numbers|keynote)))"
    ),
}
_TEXT = re.compile("text/|script|html|xml|json")


def is_shown(content_type: str) -> bool:
    """Return whether a browser shows a file of this type; any other it saves."""
    return content_type in POLICIES


def policy_of(content_type: str) -> str:
    """Return the Content-Security-Policy of a file of this type."""
    return POLICIES.get(content_type, SANDBOX)


def is_text(content_type: str) -> bool:
    return bool(_TEXT.search(content_type))
