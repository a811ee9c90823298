"""All sentences of this checkout: of templates, Python and the script. Needs no program but Python."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_javascript
from django.utils.translation.template import templatize

from bin.local.checkout import ROOT

from .found import Sentence, Sentences
from .python_source import error_classes, sentences_given, sentences_said

# Whose sentences pages show: those of tools and of the sockets' own wire they never do.
SERVICES = (
    *("foundation", "users", "workspace", "accounts", "groups", "presence", "files", "messaging", "moderation"),
    *("notifications", "search", "web"),
)
# What errors are, by their code: the script has the server's own sentence in English.
CODES = "locale/error_codes.json"
# Pages for developers, which are in English.
_ENGLISH = ("asyncapi", "drf_spectacular", "rest_framework")
_FOR_OPERATORS = {"management", "issuer_settings", "configuration", "openapi", "event_serializers", "error_serializers"}
_SCRIPT_WORDS: dict[str, None] = {"t": None, "n": None}
_NOT_SCRIPT = "web/static/web/texts/"
# What Django makes of a template for a scanner of C: calls of these, each in one line.
_CALL = re.compile(
    r"""\b(gettext|ngettext|pgettext|npgettext|_)\(((?:u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*"|[\s,])+)"""
)


def read_sentences(root: Path = ROOT) -> Sentences:
    return Sentences([*_of_python(root), *_of_templates(root), *_of_scripts(root), *_of_codes(root)])


def sentences_by_code(root: Path = ROOT) -> dict[str, str]:
    """Return what the script says of an error in other languages than English, by the code."""
    by_code: dict[str, str] = json.loads((root / CODES).read_text())
    return by_code


def _of_codes(root: Path) -> Iterator[Sentence]:
    return (Sentence(CODES, text) for text in sentences_by_code(root).values())


def _of_python(root: Path) -> Iterator[Sentence]:
    paths = [path for package in SERVICES for path in sorted((root / package).rglob("*.py")) if _speaks_to_people(path)]
    trees = {path.relative_to(root).as_posix(): ast.parse(path.read_text()) for path in paths}
    errors = error_classes(list(trees.values()))
    for path, tree in trees.items():
        yield from sentences_given(path, tree)
        yield from sentences_said(path, tree, errors)


def _speaks_to_people(path: Path) -> bool:
    """Return whether what a module says is for whoever uses the chat, not for who runs it or writes clients."""
    return not _FOR_OPERATORS & set(path.with_suffix("").parts)


def _of_templates(root: Path) -> Iterator[Sentence]:
    for path in sorted((root / "templates").rglob("*.html")):
        name = path.relative_to(root).as_posix()
        if path.relative_to(root / "templates").parts[0] not in _ENGLISH:
            yield from sentences_of_template(name, path.read_text())


def sentences_of_template(path: str, text: str) -> Iterator[Sentence]:
    for name, arguments in _CALL.findall(templatize(text)):
        texts = list(ast.literal_eval(f"({arguments.strip().rstrip(',')},)"))
        context = texts.pop(0) if name in ("pgettext", "npgettext") else None
        plural = texts[1] if name in ("ngettext", "npgettext") else None
        yield Sentence(path, texts[0], plural=plural, context=context)


def _of_scripts(root: Path) -> Iterator[Sentence]:
    for path in sorted((root / "web" / "static").rglob("*.js")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(_NOT_SCRIPT):
            yield from sentences_of_script(name, path)


def sentences_of_script(name: str, path: Path) -> Iterator[Sentence]:
    with path.open("rb") as file:
        found: Any = extract_javascript(file, _SCRIPT_WORDS, (), {"parse_template_string": True})
        for _, function, given, _ in found:
            texts = [given] if isinstance(given, str) else list(given)
            if texts and texts[0]:
                yield Sentence(name, texts[0], plural=texts[1] if function == "n" else None)
