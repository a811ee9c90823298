"""The catalogs in locale/: brought up to date with the sources, and compiled."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bin.local.checkout import ROOT

from .found import Sentences, plural_of
from .sources import sentences_by_code

LOCALE = ROOT / "locale"
# What values there are in sentences of services, for web/said.py to find.
GAPS = LOCALE / "gaps.json"
_SCRIPTS = ROOT / "web" / "static" / "web" / "texts"
_WIDTH = 100
# Else each run would change the files.
_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def languages() -> list[str]:
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def mo_path(language: str) -> Path:
    return po_path(language).with_suffix(".mo")


def script_path(language: str) -> Path:
    return _SCRIPTS / f"{language}.js"


def read_catalog(language: str) -> Catalog:
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def template_of(sentences: Sentences) -> Catalog:
    """Return a catalog of all sentences, without a translation."""
    template = Catalog(domain="django", project="chatproject", creation_date=_MADE, revision_date=_MADE)
    for group in sentences:
        plural = plural_of(group)
        first = group[0]
        places = [(path, 0) for path in dict.fromkeys(sentence.path for sentence in group)]
        template.add((first.text, plural) if plural else first.text, locations=places, context=first.context)
    return template


def update(language: str, sentences: Sentences) -> Catalog:
    """Return the language's catalog with the sentences that there are now; those that are gone are left out."""
    known = read_catalog(language) if po_path(language).exists() else Catalog(locale=language, domain="django")
    fresh = Catalog(
        locale=language, domain="django", project="chatproject", creation_date=_MADE, revision_date=_MADE,
        last_translator="", language_team="", fuzzy=False, header_comment=f"# {language}: docs/translations.md"
    )  # fmt: skip
    for wanted in template_of(sentences):
        if wanted.id:
            fresh.add(wanted.id, _translation(known, wanted), locations=wanted.locations, context=wanted.context)
    return fresh


def _translation(known: Catalog, wanted: Message) -> str | tuple[str, ...]:
    found = known.get(wanted.id, wanted.context)
    if found is None or found.fuzzy or found.pluralizable != wanted.pluralizable:
        return ("",) * known.num_plurals if wanted.pluralizable else ""
    forms = forms_of(found)
    return tuple(forms) if wanted.pluralizable else forms[0]


def forms_of(message: Message) -> list[str]:
    """Return the translations of a message: one, or one for each form that the language counts by."""
    given = message.string or ""
    return [given] if isinstance(given, str) else list(given)


def untranslated(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id and not all(forms_of(message))]


def po_text(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=_WIDTH, include_lineno=False, sort_by_file=False)
    return buffer.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    # Babel fills a plural that is not translated with English, by rules of counting that are not English.
    for message in untranslated(catalog):
        catalog.delete(message.id, message.context)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def script_text(catalog: Catalog, sentences: Sentences) -> str:
    """Return the script's sentences as a module that sets `globalThis.texts`: {sentence: its translation, or forms},
    and {!code: what an error is}."""
    by_code = {f"!{code}": text for code, text in sentences_by_code().items()}
    known = dict(_translated(catalog, [*sentences.of_script(), *by_code.values()]))
    texts = {text: known[text] for text in sentences.of_script() if text in known}
    texts |= {code: known[text] for code, text in by_code.items() if text in known}
    return f"globalThis.texts = {json.dumps(texts, ensure_ascii=False, separators=(',', ':'), sort_keys=True)};\n"


def _translated(catalog: Catalog, texts: list[str]) -> Iterator[tuple[str, str | list[str]]]:
    for text in texts:
        message = catalog.get(text)
        if message is not None and all(forms_of(message)):
            yield text, forms_of(message) if message.pluralizable else forms_of(message)[0]


def gaps_text(sentences: Sentences) -> str:
    return json.dumps(sentences.with_gaps(), indent=1, ensure_ascii=False) + "\n"


def compiled(sentences: Sentences) -> Iterator[tuple[Path, bytes]]:
    """Yield what is made of the catalogs as they are: the path of each file, and what belongs into it."""
    yield GAPS, gaps_text(sentences).encode()
    for language in languages():
        catalog = read_catalog(language)
        yield script_path(language), script_text(catalog, sentences).encode()
        yield mo_path(language), mo_bytes(read_catalog(language))
