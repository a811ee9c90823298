"""What HTML of a message may be made of; whatever else the parser or a lexer has let through is taken out."""

import nh3

from .code import CLASSES

_TEXT = {"a", "br", "code", "del", "em", "s", "span", "strong"}
_BLOCKS = {"blockquote", "hr", "li", "ol", "p", "pre", "ul"}
_TAGS = {*_TEXT, *_BLOCKS, "h1", "h2", "h3", "h4", "h5", "h6"}
_SCHEMES = {"http", "https", "mailto"}
_CLASSES = {"span": {"mention", *CLASSES}}


def _own_path(url: str) -> str | None:
    """Return an address without a scheme if it is a path of this server, whose pages people refer to."""
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else None


_cleaner = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style"},
    attributes={"a": {"href", "title"}, "ol": {"start"}, "span": {"data-mention"}, "code": {"data-language"}},
    allowed_classes=_CLASSES,
    url_schemes=_SCHEMES,
    url_relative=_own_path,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer",
    strip_comments=True,
)


def cleaned(html: str) -> str:
    """Return the HTML without what is not allowed; links open elsewhere, and tell nobody where they were."""
    return _cleaner.clean(html)
