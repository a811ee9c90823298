"""Every substring of every message is found, and nothing else: compared with a plain scan, in several scripts."""

import random
from collections.abc import Iterator

import pytest

from foundation.folding import fold_text
from foundation.ids import parse_message_id
from messaging import services
from search import blocks, walking
from search import index as documents
from search.sealing import seal
from tests.cast import Person
from tests.search.searching import found, index, say

# Latin, accents, width, ligatures and dots of Turkish, Cyrillic, Greek, Hebrew, Arabic, Devanagari, kana, Chinese,
# Hangul, emoji, signs of regular expressions, white space, and marks by themselves.
_ALPHABETS = (
    *("abcdefgh ijklmnop", "äöüßéèçñø ", "\ufb01①\uff21\uff42½ ", "\u0131İiI ", "абвгдежз ий"),
    *("\u03b1β\u03b3δεζς ω", "אבגדה וז", "ابتثج حخ", "कखगघड़ ढ़ा", "あいうガギ グ", "我们今天会议 时间", "한국어 글자"),
    *("👍🎉❤️ 👩\u200d👩\u200d👧", "a.*+?()[]{}|\\^$ ", "\0\t\n ab", "e\u0301o\u0308 "),
)


def _texts(chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        alphabet = "".join(chance.sample(_ALPHABETS, chance.choice((1, 1, 2))))
        yield "x" + "".join(chance.choices(alphabet, k=chance.randint(1, 40)))


def _substring(chance: random.Random, texts: list[str]) -> str:
    text = chance.choice(texts)
    start = chance.randrange(max(1, len(text) - 1))
    return text[start : start + chance.randint(2, 8)].replace('"', "").strip("-")


@pytest.fixture(params=[5, 2_000], ids=["by blocks", "by comparing"])
def walked(request: pytest.FixtureRequest, small_blocks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "_FIRST", request.param)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.usefixtures("walked")
async def test_what_a_plain_scan_finds_is_found_and_nothing_else(seed: int, alice: Person, group_id: str) -> None:
    chance = random.Random(seed)
    said: dict[str, str] = {}
    for number, text in enumerate(_texts(chance, 90)):
        said[await say(alice, group_id, text)] = text
        if number in (40, 70):
            await index(group_id)
            await seal()
    for message_id in chance.sample(sorted(said), 12):
        said[message_id] = next(_texts(chance, 1))
        await services.edit_message(actor=alice.actor, message_id=message_id, content=said[message_id])
    for message_id in chance.sample(sorted(said), 12):
        del said[message_id]
        await services.delete_message(actor=alice.actor, message_id=message_id)
    await index(group_id)
    for step in range(2):
        for _ in range(25):
            part = _substring(chance, list(said.values()))
            if len(fold_text(part)) < 2:
                continue
            expected = {message_id for message_id, text in said.items() if fold_text(part) in fold_text(text)}
            got = await found(alice, f'"{part}"', limit=chance.choice((3, 50)))
            assert set(got) == expected, (part, step)
            assert got == sorted(got, key=lambda each: -(parse_message_id(each) or ("", 0))[1])
        await seal()


async def test_messages_in_blocks_that_change_are_found_as_they_are(
    alice: Person, group_id: str, small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_FIRST", 1)
    ids = [await say(alice, group_id, f"number {number} quixotic") for number in range(60)]
    await index(group_id)
    await seal()
    assert await documents.messages().count_documents({"_id": {"$in": ids[:4]}, "b": {"$exists": True}}) == 4
    await services.edit_message(actor=alice.actor, message_id=ids[2], content="something else entirely")
    await services.delete_message(actor=alice.actor, message_id=ids[3])
    await index(group_id)
    assert await found(alice, "quixotic") == [each for each in reversed(ids) if each not in ids[2:4]]
    assert await found(alice, "entirely") == [ids[2]]
    await seal()
    assert await found(alice, "quixotic") == [each for each in reversed(ids) if each not in ids[2:4]]
    assert await blocks.find_changed() is None
