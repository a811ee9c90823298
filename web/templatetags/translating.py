"""What templates need for languages; a builtin, as Django's own tags for translations are: no template loads it."""

import re

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.templatetags.i18n import do_translate
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import unescape_string_literal
from django.utils.translation import get_language, get_language_bidi, gettext

from web.words import word_for

register = template.Library()
_VALUE = re.compile(r"%\(\w+\)s")


class _Sentence(template.Node):
    """A sentence of the template: Django's node looks it up and escapes it anew each time, a thousand times a page."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._by_language: dict[str | None, str] = {}

    def render(self, context: template.Context) -> str:
        language = _language_of(context)
        found = self._by_language.get(language)
        if found is None:
            found = self._by_language[language] = self.translated()
        return found

    def translated(self) -> str:
        return gettext(self._sentence.replace("%", "%%")).replace("%%", "%")


class _Unfilled(_Sentence):
    def translated(self) -> str:
        return _VALUE.sub("", gettext(self._sentence))


def _language_of(context: template.Context) -> str | None:
    """Return the language of what is being rendered, which Django looks for in the local variables of a thread."""
    try:
        language: str | None = context.language  # type: ignore[attr-defined]
    except AttributeError:
        language = context.language = get_language()  # type: ignore[attr-defined]
    return language


@register.tag
def translate(parser: Parser, token: Token) -> template.Node:
    """Do what Django's tag does, faster where it has a sentence and no options."""
    bits = token.split_contents()
    if len(bits) == 2 and bits[1][0] in "\"'" and bits[1][0] == bits[1][-1]:
        return _Sentence(unescape_string_literal(bits[1]))
    return do_translate(parser, token)


@register.tag
def unfilled(parser: Parser, token: Token) -> template.Node:
    """Write a sentence of a `blocktranslate` without its values, which the script will fill in."""
    return _Unfilled(unescape_string_literal(token.split_contents()[1]))


@register.simple_tag
def language_attributes() -> SafeString:
    """Return the attributes of the page's root: what language it is in, and from where to where that is read."""
    direction = "rtl" if get_language_bidi() else "ltr"
    return format_html('lang="{}" dir="{}"', get_language(), direction)


@register.simple_tag
def script_texts() -> str:
    """Return the address of the sentences of the script in the page's language, "" for English, which has them."""
    language = get_language()
    return "" if language == settings.LANGUAGE_CODE else static(f"web/texts/{language}.js")


@register.simple_tag
def languages() -> list[tuple[str, str, bool]]:
    """Return the languages that pages may be in, by code and own name, and which of them the page is in."""
    return [(code, name, code == get_language()) for code, name in settings.LANGUAGES]


@register.filter
def word(name: str) -> str:
    """Return a word of the services, such as a role, in the page's language."""
    return word_for(name)
