"""One rule of which text shows something: for messages, names, names of groups and files, and reactions.

A *hidden* character shows nothing, or changes how its neighbours show: control and format characters, fillers, blanks.
Labels (all of these but messages) have none, except joiners where they join (RFC 5892, A.1 and A.2) and the parts of an
emoji. Text is compared and stored in NFC, so that what looks equal is equal.
"""

import unicodedata

# More combining marks on one letter than any orthography uses: they would be drawn over the lines above and below.
MAX_MARKS = 6

_ZWNJ, _ZWJ, _BLACK_FLAG = "\u200c", "\u200d", "\U0001f3f4"
_VARIATION_SELECTORS = frozenset(("\ufe0e", "\ufe0f"))
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
# Of these categories a character is hidden whatever it is: control, format, surrogate, private, unassigned, separators.
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), as far as the categories above do not say it.
_IGNORABLE = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)),
)
# Braille without dots, an object that is not there, a note without a head, a filler: drawn as nothing.
_BLANK = ((0x2800, 0x2800), (0xFFFC, 0xFFFC), (0x1D159, 0x1D159), (0x16FE4, 0x16FE4))
_NOTHING = frozenset(chr(code) for first, last in _IGNORABLE + _BLANK for code in range(first, last + 1))
# Nonspacing and enclosing marks. There are none before these planes, and none in between.
_MARKS = frozenset(
    chr(code)
    for code in (*range(0x0300, 0x20000), *range(0xE0100, 0xE01F0))
    if unicodedata.category(chr(code)) in ("Mn", "Me")
)
_VISIBLE_CATEGORIES = ("L", "N", "P", "S")
# Where emoji and ideographs are added: one that is newer than Python's tables is drawn all the same, or a box is.
_TO_COME = ((0x1F000, 0x1FAFF, "So"), (0x1FC00, 0x1FFFD, "So"), (0x20000, 0x2FFFD, "Lo"), (0x30000, 0x3FFFD, "Lo"))


def compose(text: str) -> str:
    """Return the text in NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def shows_something(text: str) -> bool:
    """Return whether a reader sees anything of the text: a mark or a joiner without a letter is nothing."""
    return any(not _is_hidden(character) and _category(character)[0] in _VISIBLE_CATEGORIES for character in text)


def has_hidden(text: str) -> bool:
    """Return whether a label has a hidden character where it may have none."""
    if text.isascii():
        return not text.isprintable()
    return any(_is_hidden(character) and not _is_part(text, index) for index, character in enumerate(text))


def without_hidden(text: str) -> str:
    """Return a label without its hidden characters; spaces stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    # What one that is dropped stood between may join now, or no longer: until nothing changes.
    while has_hidden(text):
        text = "".join(
            character for index, character in enumerate(text) if not _is_hidden(character) or _is_part(text, index)
        )
    return text


def has_stacked_marks(text: str) -> bool:
    """Return whether more than `MAX_MARKS` combining marks follow each other."""
    # The first two are quick, and end it for nearly every message.
    return not text.isascii() and not _MARKS.isdisjoint(text) and without_stacked_marks(text) != text


def without_stacked_marks(text: str) -> str:
    """Return the text without the combining marks that are too many on one letter."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if character in _MARKS else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def fold_emoji(emoji: str) -> str:
    """Return the emoji in NFC without variation selectors: they choose how the same emoji is drawn."""
    return compose("".join(character for character in emoji if character not in _VARIATION_SELECTORS))


def _category(character: str) -> str:
    category = unicodedata.category(character)
    if category != "Cn":
        return category
    code = ord(character)
    return next((to_come for first, last, to_come in _TO_COME if first <= code <= last), category)


def _is_hidden(character: str) -> bool:
    return character in _NOTHING or _category(character) in _HIDDEN_CATEGORIES


def _is_part(text: str, index: int) -> bool:
    """Return whether the hidden character belongs to the visible one before it."""
    character, before = text[index], text[:index]
    if character in _VARIATION_SELECTORS:
        return bool(before) and _takes_variations(before[-1])
    if character == _ZWJ:
        return _joins_emoji(text, index) or _follows_virama(before)
    if character == _ZWNJ:
        return _follows_virama(before) or _is_between_arabic(text, index)
    return character in _TAGS and _is_in_flag(before)


def _takes_variations(base: str) -> bool:
    # Emoji that are also text (So, Sm, Po) and the bases of keycaps.
    return _category(base) in ("So", "Sm", "Po", "Pd", "Sk") or base in "#*0123456789"


def _joins_emoji(text: str, index: int) -> bool:
    before = text[:index].rstrip("\ufe0e\ufe0f")
    after = text[index + 1 : index + 2]
    emoji = ("So", "Sk", "Sm")  # Sk: the skin tones
    return bool(before) and _category(before[-1]) in emoji and bool(after) and _category(after) in emoji


def _follows_virama(before: str) -> bool:
    return bool(before) and unicodedata.combining(before[-1]) == 9


def _is_between_arabic(text: str, index: int) -> bool:
    before = text[:index]
    while before and _category(before[-1]) == "Mn" and not _is_hidden(before[-1]):
        before = before[:-1]
    after = text[index + 1 : index + 2]
    return bool(before) and bool(after) and all(unicodedata.bidirectional(c) == "AL" for c in (before[-1], after))


def _is_in_flag(before: str) -> bool:
    # The flags of England, Scotland and Wales.
    return before.rstrip("".join(_TAGS)).endswith(_BLACK_FLAG)
