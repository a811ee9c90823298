"""Each sentence of the web chat is in the catalogs, German is complete, and what is compiled is of the catalogs."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from bin.local.translations.catalogs import (
    compiled,
    forms_of,
    languages,
    po_path,
    po_text,
    read_catalog,
    untranslated,
    update,
)
from bin.local.translations.found import Sentences
from bin.local.translations.python_source import error_classes, sentences_given, sentences_said
from bin.local.translations.sources import read_sentences, sentences_of_script, sentences_of_template
from tests.test_architecture import ROOT, Source

from . import plain_text

pytestmark = pytest.mark.unit
# The others have been started: what they lack is shown in English.
COMPLETE = ("de",)
LANGUAGES = languages()
HINT = "run bin/translations, and translate what is new in locale/"
# For developers, in English.
ENGLISH_PAGES = ("asyncapi", "drf_spectacular", "rest_framework")
ENGLISH_SCRIPTS = ("web/static/web/api/", "web/static/web/texts/")
_GAP = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_MARKUP = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return read_sentences()


def _ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _translated(catalog: Catalog) -> list[tuple[list[str], list[str]]]:
    return [(_ids(message), forms_of(message)) for message in catalog if message.id and all(forms_of(message))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_has_the_sentences_of_the_sources(language: str, sentences: Sentences) -> None:
    assert po_text(update(language, sentences)) == po_path(language).read_bytes(), HINT


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_lacks_nothing(language: str) -> None:
    catalog = read_catalog(language)
    assert len(catalog) > 1000
    assert [_ids(message) for message in untranslated(catalog)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in read_catalog(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_of_its_sentence(language: str) -> None:
    """A form for one or two things may say their number in words."""
    faults = []
    for ids, forms in _translated(read_catalog(language)):
        wanted = set(_GAP.findall(ids[-1]))
        for number, form in enumerate(forms):
            given = set(_GAP.findall(form))
            spelled_out = len(forms) > 1 and number < len(forms) - 1 and wanted - given <= {"%(n)s", "{count}"}
            if given != wanted and not (given <= wanted and spelled_out):
                faults.append(form)
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_markup_of_its_sentence_and_no_other(language: str) -> None:
    """Pages write sentences of templates as they are, into attributes too."""
    faults = [
        form
        for ids, forms in _translated(read_catalog(language))
        for form in forms
        if sorted(_MARKUP.findall(form)) != sorted(_MARKUP.findall(ids[-1]))
        or any(form.count(sign) != ids[-1].count(sign) for sign in '"<>&')
    ]
    assert faults == []


def test_what_is_compiled_is_of_the_catalogs(sentences: Sentences) -> None:
    files = list(compiled(sentences))
    assert len(files) > 2 * len(LANGUAGES)
    assert [path.name for path, content in files if path.read_bytes() != content] == [], HINT


# --- what goes past gettext ------------------------------------------------------------------------------------------
def _templates() -> list[Path]:
    folder = ROOT / "templates"
    return [path for path in folder.rglob("*.html") if path.relative_to(folder).parts[0] not in ENGLISH_PAGES]


def test_templates_have_no_text_past_gettext() -> None:
    faults = [f"{path.name}: {text}" for path in _templates() for text in plain_text.of_template(path.read_text())]
    assert faults == []


def test_scripts_show_no_text_past_gettext() -> None:
    paths = list((ROOT / "web" / "static").rglob("*.js"))
    shown = [path for path in paths if not path.relative_to(ROOT).as_posix().startswith(ENGLISH_SCRIPTS)]
    assert len(shown) > 50
    assert [f"{path.name}: {text}" for path in shown for text in plain_text.of_script(path.read_text())] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Plain</p>", ["Plain"]),
        ('<a title="Close"></a>', ['title="Close"']),
        ("{{ x|default:'None' }}", ["{{ x|default:'None"]),
        ('{% translate "Fine" %} {{ name }} <code>SETTING</code> UTC', []),
        ("{% blocktranslate %}Hello, {{ name }}{% endblocktranslate %}{# No #}", []),
    ],
)
def test_plain_text_of_a_template_is_found(text: str, found: list[str]) -> None:
    assert list(plain_text.of_template(text)) == found


def test_plain_text_of_a_script_is_found() -> None:
    assert list(plain_text.of_script('notice("It is saved.");\nnotice(t("It is saved."));')) == ["It is saved."]


# --- what finds them -------------------------------------------------------------------------------------------------
def test_sentences_of_a_template_are_found() -> None:
    text = """{% translate "One" %} {{ x|default:_("Two") }}
    {% blocktranslate with name=a.b %}Three {{ name }}{% endblocktranslate %}
    {% blocktranslate count n=x %}{{ n }} four{% plural %}{{ n }} fours{% endblocktranslate %}"""
    found = [(each.text, each.plural) for each in sentences_of_template("x.html", text)]
    assert found == [("One", None), ("Two", None), ("Three %(name)s", None), ("%(n)s four", "%(n)s fours")]


def test_sentences_of_a_script_are_found(tmp_path: Path) -> None:
    script = tmp_path / "x.js"
    script.write_text('notice(t("One {x}.", { x }));\nconst y = n("{count} two", "{count} twos", z);\n')
    found = [(each.text, each.plural) for each in sentences_of_script("x.js", script)]
    assert found == [("One {x}.", None), ("{count} two", "{count} twos")]


def test_sentences_of_python_are_found() -> None:
    source = Source.of("web/x.py", '_("One")\nngettext("two", "twos", 2)\npgettext("of a day", "three")')
    found = [(each.text, each.plural, each.context) for each in sentences_given("web/x.py", source.tree)]
    assert found == [("One", None, None), ("two", "twos", None), ("three", None, "of a day")]


def test_what_services_say_is_found() -> None:
    text = """
class Late(Invalid):
    default_message = "It is late."
def f(x):
    raise Late(f"It is {x} hours late.", fields={"at": ["That is over."]})
"""
    source = Source.of("groups/x.py", f"class Invalid(AppError):\n    pass\n{text}")
    found = {each.text for each in sentences_said("groups/x.py", source.tree, error_classes([source.tree]))}
    assert found == {"It is late.", "It is {0} hours late.", "That is over."}
