"""One folding for many scripts: what somebody types for a name finds it, by any of its words."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from users.folding import MAX_KEY_LENGTH, MAX_WORDS, fold, keys_of
from users.names import clean_name, sort_key

pytestmark = pytest.mark.unit

# Full width, as Japanese keyboards write Latin letters.
WIDE = "\uff21\uff44\uff41\u3000\uff2c\uff4f\uff56\uff45\uff4c\uff41\uff43\uff45"

TABLE = [
    ("\u00d6mer", "omer"),
    ("O\u0308mer", "\u00f6MER"),
    ("\u0130brahim", "ibrahim"),
    ("\u0130brahim", "\u0131BRAHIM"),
    ("I\u015f\u0131k", "isik"),
    ("\u0131\u015f\u0131k", "ISIK"),
    (WIDE, "ada love"),
    ("Ada Lovelace", "\uff21\uff44\uff41"),
    ("\uff71\uff80\uff9e", "\u30a2\u30c0"),
    ("Fran\u00e7ois \u0152uvre", "francois oeuvre"),
    ("\u0141ukasz S\u00f8ren \u0110or\u0111e", "lukasz soren dorde"),
    ("Stra\u00dfe", "STRASSE"),
    ("\u1f48\u03b4\u03c5\u03c3\u03c3\u03b5\u03cd\u03c2", "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c3"),
    ("\u0421\u0435\u0440\u0433\u0435\u0439", "\u0441\u0435\u0440\u0433\u0435\u0438"),
    ("\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f", "\u0645\u062d\u0645\u062f"),
    ("\u05d0\u05b8\u05d3\u05b8\u05dd", "\u05d0\u05d3\u05dd"),
    ("Nguy\u1ec5n", "nguyen"),
    ("\ufb01ona", "fiona"),
    ("O\u2019Neil", "o'neil"),
    ("Jean\u2010Luc", "jean-luc"),
    ("\u2168 \u00aa", "ix a"),
    ("a\u200b\u202eb", "ab"),
]


@pytest.mark.parametrize(("name", "typed"), TABLE)
def test_what_is_typed_is_the_beginning_of_the_name(name: str, typed: str) -> None:
    assert fold(name).startswith(fold(typed)), (fold(name), fold(typed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u30cf", "\u30d0"),  # ha, ba: voicing makes another letter
        ("\u0915\u0941", "\u0915\u093f"),  # ku, ki: a vowel sign is no accent
        ("\u0e01\u0e34", "\u0e01\u0e35"),
        ("\ud558", "\ud638"),
        ("\u738b", "\u6c6a"),
        ("Ada", "Ida"),
    ],
)
def test_other_letters_are_other_names(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_name_has_a_key_for_each_of_its_words_and_one_for_the_handle() -> None:
    assert keys_of("Ada King, Countess (of Lovelace)", "ada.k") == [
        "ada king, countess (of lovelace)",
        "king, countess (of lovelace)",
        "countess (of lovelace)",
        "(of lovelace)",
        "of lovelace)",
        "lovelace)",
        "ada.k",
    ]
    assert keys_of("Jean-Luc O'Neil") == ["jean-luc o'neil", "luc o'neil", "o'neil", "neil"]
    # Combining signs and emoji divide no word.
    assert keys_of("\u092d\u093e\u0930\u0924\u0940") == ["\u092d\u093e\u0930\u0924\u0940"]
    assert keys_of("\U0001f469\u200d\U0001f4bb") == ["\U0001f469\U0001f4bb"]
    assert keys_of("ada", "Ada") == ["ada"]


def test_what_folding_would_leave_nothing_of_stays() -> None:
    assert fold("\u00a8") == "\u00a8"
    assert fold("") == fold("  ") == ""


def test_every_character_folds_once() -> None:
    for code in range(0x110000):
        character = chr(code)
        # What nobody has assigned, and what is private, has no other form.
        if unicodedata.category(character) not in ("Cn", "Co", "Cs"):
            folded = fold(f"x{character}y")
            assert fold(folded) == folded, hex(code)
            assert fold(f"x{unicodedata.normalize('NFD', character)}y") == folded, hex(code)


@settings(deadline=None, max_examples=500)
@given(text=st.text(max_size=80))
# A lone accent, of which nothing is left, beside a space.
@example(text="\u1fce\t")
@example(text="\u2007\u02d8")
@example(text="\u00a0\ufe07\ufc60")
@example(text="\u2007\u1b6e\u302e")
def test_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert len(folded) <= MAX_KEY_LENGTH
    # What stays as it is, but for spaces, has its compatibility form as another key.
    stays = folded == " ".join(unicodedata.normalize("NFC", text).split())
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        same = fold(unicodedata.normalize(form, text)) == folded
        assert same or len(folded) == MAX_KEY_LENGTH or (stays and form in ("NFKC", "NFKD")), form


LETTERS = st.text(st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Nd"]), min_size=1, max_size=7)


@settings(deadline=None, max_examples=500)
@given(words=st.lists(LETTERS, min_size=1, max_size=8), cut=st.integers(1, 7))
def test_the_beginning_of_every_word_is_the_beginning_of_a_key(words: list[str], cut: int) -> None:
    name = clean_name(" ".join(words))
    assert name is not None
    keys = keys_of(name)
    assert len(keys) <= MAX_WORDS
    for word in name.split():
        # A key, which is cut at its greatest length, has all of so short a name.
        assert any(key.startswith(fold(word[:cut])) for key in keys), (name, word)
    assert all(len(sort_key(key, "x" * 129).encode()) <= 1024 for key in keys)
