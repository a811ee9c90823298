"""Colours for code in fences that name its language: spans with Pygments' class names."""

from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

# Longer code is shown without colours: each word of it would cost a span.
MAX_COLOURED = 5_000
# Pygments has 500 lexers, of many authors and ages. These are common, and their time was tried with hostile input.
_LANGUAGES = """
bash c c++ cpp c# cs csharp css diff docker dockerfile go golang html ini java javascript js json jsx kotlin make
makefile php powershell python python3 py py3 rb ruby rs rust scala sh shell sql swift toml ts tsx typescript xml
yaml yml zsh
"""
LANGUAGES = frozenset(_LANGUAGES.split())
# The classes that a highlighted text may have.
CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)
_FORMATTER = HtmlFormatter(nowrap=True)


def language_of(info: str) -> str:
    """Return the language that the first line of a fence names."""
    return info.split(maxsplit=1)[0].lower() if info.strip() else ""


def coloured(code: str, info: str) -> str:
    """Return HTML of the code, or "" if it has no colours."""
    language = language_of(info)
    lexer = _lexer(language) if language in LANGUAGES and len(code) <= MAX_COLOURED else None
    return highlight(code, lexer, _FORMATTER) if lexer else ""


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        # As it was written: a lexer would take away empty lines at the ends.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
