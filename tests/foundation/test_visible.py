"""What shows something, what is hidden, and that the same rule holds for every kind of text."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.sanitize import FALLBACK_NAME, clean_filename
from foundation.errors import AppError
from foundation.validation import validated
from foundation.visible import (
    MAX_MARKS,
    compose,
    fold_emoji,
    has_hidden,
    has_stacked_marks,
    shows_something,
    without_hidden,
    without_stacked_marks,
)
from groups.serializers import CreateGroupInput
from messaging.serializers import EditMessageInput, ReactionInput, SendMessageInput
from tests.cpu_time import cpu_seconds
from users.names import clean_name, require_name

pytestmark = pytest.mark.unit

NOTHING = [
    *(" ", "\u00a0", "\u3000", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c"),
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u17b4", "\u180e", "\ufe0f", "\ufffc", "\u202e", "\u2066"),
    *("\u0301", "\u20dd", "\U000e0041", "\U000e0100", "\U0001d159", "\U0001d173", "\ue000", "\u0378", "\u2029"),
]
# Muhammad in Arabic, "I want" in Persian with the joiner that keeps its parts apart, and one of Devanagari's.
ARABIC, PERSIAN = "\u0645\u062d\u0645\u062f", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
SOMETHING = [
    *("a", "7", ".", "\u00e9", "e\u0301", ARABIC, PERSIAN, "\u0915\u094d\u200d\u0937"),
    *("👍", "\u2764\ufe0f", "👩\u200d💻", "1\ufe0f\u20e3"),
    # Newer than the tables of some Python that this runs on: emoji of Unicode 15 to 17, and one to come; an ideograph.
    *("\U0001fae8", "\U0001fae9\u200d👩", "\U0001faff", "\U0002ebf0"),
]
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"
PARTS = [*NOTHING, "a", "\u0627", "\u0915", "\u094d", "👩", "💻", "🏴"]
any_text = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(PARTS), max_size=30)


def name(text: str) -> str:
    return require_name(text)


def group_name(text: str) -> str:
    value: str = validated(CreateGroupInput, {"name": text})["name"]
    return value


def message(text: str) -> str:
    value: str = validated(SendMessageInput, {"groupId": "g", "content": text})["content"]
    return value


def edit(text: str) -> str:
    value: str = validated(EditMessageInput, {"messageId": "m", "content": text})["content"]
    return value


def reaction(text: str) -> str:
    value: str = validated(ReactionInput, {"messageId": "m", "emoji": text, "action": "add"})["emoji"]
    return value


KINDS = [name, group_name, message, edit, reaction]
LABELS = [name, group_name, reaction]
Kind = Callable[[str], str]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", [*NOTHING, "\u200b\u2800 \u3164", "\u0301" * 3, ""], ids=ascii)
def test_what_shows_nothing_is_refused_everywhere(kind: Kind, nothing: str) -> None:
    assert not shows_something(nothing)
    with pytest.raises(AppError):
        kind(nothing)
    assert clean_name(nothing) is None
    assert clean_filename(nothing) == FALLBACK_NAME


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("something", [*SOMETHING, ENGLAND, RAINBOW_FLAG], ids=ascii)
def test_what_shows_something_is_taken_everywhere(kind: Kind, something: str) -> None:
    expected = fold_emoji(something) if kind is reaction else compose(something)
    assert kind(something) == expected
    assert clean_name(something) == compose(something)


@pytest.mark.parametrize(
    "label",
    [
        "👨\u200d👩\u200d👧 Family",
        PERSIAN,
        "開発\u3000チーム",
        "Équipe\u00a0!",
        "narrow\u202fspace",
        "\U0001fae8 shake",
        f"{ENGLAND} x",
    ],
    ids=ascii,
)
def test_a_group_is_called_what_people_call_it(label: str) -> None:
    assert group_name(label) == label


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("hidden", [c for c in NOTHING if c not in " \u00a0\u3000\u0301\u20dd\ufe0f"], ids=ascii)
def test_no_label_has_a_hidden_character(label: Kind, hidden: str) -> None:
    with pytest.raises(AppError):
        label(f"a{hidden}b")
    assert clean_name(f"a{hidden}b") in ("ab", "a b")
    assert clean_filename(f"a{hidden}b") == "ab"


@pytest.mark.parametrize("kind", KINDS)
def test_the_marks_of_a_letter_are_few(kind: Kind) -> None:
    assert kind("q" + "\u0323\u0301")
    with pytest.raises(AppError):
        kind("q" + "\u0301" * (MAX_MARKS + 1))


@pytest.mark.parametrize(("one", "other"), [("❤", "❤️"), ("☎️", "☎︎"), ("é", "e\u0301"), (RAINBOW_FLAG, "🏳\u200d🌈")])
def test_two_hearts_are_one_reaction(one: str, other: str) -> None:
    assert reaction(one) == reaction(other)


@given(any_text)
def test_what_is_taken_shows_something_and_stays_as_it_is(text: str) -> None:
    for kind in KINDS:
        try:
            taken = kind(text)
        except AppError:
            continue
        assert shows_something(taken)
        assert unicodedata.is_normalized("NFC", taken)
        assert not has_stacked_marks(taken)
        assert kind(taken) == taken
        assert kind in (message, edit) or not has_hidden(taken)


@given(any_text)
def test_cleaning_leaves_nothing_hidden_and_is_done_at_once(text: str) -> None:
    cleaned = without_hidden(text)
    assert not has_hidden(cleaned)
    assert without_hidden(cleaned) == cleaned
    assert shows_something(cleaned) == shows_something(text)
    few = without_stacked_marks(text)
    assert without_stacked_marks(few) == few
    for clean in (clean_name(text), clean_filename(text)):
        assert clean is None or (shows_something(clean) and not has_hidden(clean) and not has_stacked_marks(clean))


@pytest.mark.parametrize("kind", [group_name, message, edit, reaction])
def test_text_that_is_far_too_long_is_refused_before_it_is_looked_at(kind: Kind) -> None:
    text = "\u200d" * 1_000_000
    with pytest.raises(AppError):
        kind(text)
    assert cpu_seconds(lambda: kind(text), AppError) < 0.05


def test_a_long_file_name_is_cleaned_quickly_and_keeps_its_extension() -> None:
    name = "a" + "\u200d" * 1_000_000 + ".png"
    assert clean_filename(name).endswith(".png")
    assert cpu_seconds(lambda: clean_filename(name)) < 0.05


@given(any_text)
def test_spellings_that_look_equal_are_equal(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    for kind in KINDS:
        try:
            taken = kind(compose(text))
        except AppError:
            continue
        assert kind(decomposed) == taken
