"""Quotes and forwarded messages: they name nobody, leave nothing open, and are stored once."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation.errors import Gone, IdempotencyConflict, Invalid, NotFound, RateLimited
from foundation.limits import bucket
from groups import services as groups
from messaging import selectors, services
from messaging.quotes.composing import MAX_QUOTE, compose, without_mentions
from messaging.quotes.services import forward_message, quote_message
from messaging.text.mentions import may_mention
from messaging.text.rendering import MAX_SHOWN, mentions_in, render
from tests.cast import Person
from users import selectors as users

LINK = "/groups/group_1/messages/2"


def quote(source: str, *, space: int = 10_000, author: str = "Ada", names: dict[str, str] | None = None) -> str:
    return compose(source, author=author, link=LINK, files=[], names=names or {}, space=space)


@pytest.mark.unit
def test_a_quote_has_the_author_the_link_and_the_text() -> None:
    assert quote("one\n\n*two*") == f"[Ada]({LINK}):\n> one\n> \n> *two*"
    assert compose("", author="Ada", link=LINK, files=["a_b.png"], names={}, space=900) == (
        f"[Ada]({LINK}):\n> 📎 a\\_b\\.png"
    )


@pytest.mark.unit
def test_the_name_of_the_author_is_no_markup() -> None:
    html = render(quote("x", author="](https://evil.example) <@user_1> **b** `")).filled({})
    assert "evil" in html
    assert 'href="https' not in html
    assert "<strong>" not in html
    assert "mention" not in html
    assert f'href="{LINK}"' in html


@pytest.mark.unit
def test_a_mention_becomes_a_name_and_names_nobody() -> None:
    text = quote("<@user_1>, <!all> and `<!here>`", names={"user_1": "Bob *B*"})
    assert text.endswith("> @Bob \\*B\\*, @all and `@here`")
    assert not mentions_in(text)


@pytest.mark.unit
@pytest.mark.parametrize("space", [100, 120, 200, MAX_QUOTE])
def test_what_is_too_long_is_cut_and_its_fence_closed(space: int) -> None:
    text = quote("before\n~~~~py\n" + "x = `1`\n" * 2000 + "~~~~\nafter", space=space)
    assert len(text) <= space
    lines = [line.removeprefix("> ") for line in text.splitlines()]
    assert "…" in text
    if "~~~~py" in lines:
        assert lines[-1] == "~~~~"
    assert "<pre" not in render(f"{text}\n\nbelow").filled({}).rpartition("below")[0].rpartition("</pre>")[2]


@pytest.mark.unit
def test_a_fence_that_its_author_left_open_is_closed() -> None:
    assert quote("```\ncode").endswith("> ```\n> code\n> ```")


nasty = st.lists(
    st.sampled_from(
        [
            *("<@user_1>", "<@", "<", ">", "user_1", "<!all>", "!all", "<!here>", "`", "```", "~~~", "\\", "\n", "\r"),
            *(" ", "> ", "- ", "x", "[a](b)", "&lt;", "    ", "@", "é"),
        ]
    ),
    max_size=60,
).map("".join)


@pytest.mark.unit
@given(nasty, nasty, st.integers(0, 400), st.sampled_from(["Bob", "user_1", "!all>", "<@user_1>"]))
def test_a_quote_of_anything_is_short_and_names_nobody(comment: str, source: str, space: int, name: str) -> None:
    text = quote(source, space=space, names={"user_1": name}, author=name)
    assert len(text) <= space
    assert not mentions_in(text)
    assert not may_mention(text)
    if text:
        assert "\n\n" not in text
        whole, said = mentions_in(f"{text}\n\n{comment}"), mentions_in(comment)
        # Nobody is named anew; of a text with very much markup the end is not read.
        assert set(whole.user_ids) <= set(said.user_ids)
        assert whole.all <= said.all
        assert whole.here <= said.here
        below = render(f"{text}\n\n*below*").filled({})
        assert below.rstrip().endswith("<em>below</em></p>")


defining = st.lists(
    st.sampled_from(
        ["[x]: /evil", "[", "]", "x", "]:", " /evil", "\\", "\n", "> ", "- ", "1. ", "  ", "    ", "\t", "```", "~~~"]
    ),
    max_size=30,
).map("".join)


@pytest.mark.unit
@settings(max_examples=300)
@given(defining, st.integers(60, 300))
@example("> - [x]: /evil", 300)
@example("[x\ny]: /evil", 300)
@example("- ```\n\nend\n[x]: /evil", 300)
def test_a_quote_does_not_change_what_is_said_below_it(source: str, space: int) -> None:
    comment = "[x] and [x y] and [x][]"
    text = quote(source, space=space)
    assert len(text) <= space
    assert render(f"{text}\n\n{comment}").filled({}).endswith(render(comment).filled({}))


@pytest.mark.unit
def test_what_defines_a_link_is_shown_as_it_was_typed() -> None:
    assert quote("[x]: /evil\n\n```\n[key: string]: number\n```").endswith(
        "> \\[x]: /evil\n> \n> ```\n> [key: string]: number\n> ```"
    )


@pytest.mark.unit
def test_mentions_within_mentions_are_taken_away_whatever_their_number() -> None:
    deep = "<@a" * 50 + ">" * 50
    for source in (deep, "\\" + deep, "<<@a>" + "@b>"):
        assert not may_mention(without_mentions(source, {"a": "b"}))


# --- the services ----------------------------------------------------------------------------------------------------
async def send(person: Person, group_id: str, content: str) -> str:
    return str((await services.send_message(actor=person.actor, group_id=group_id, content=content))["message"]["id"])


@pytest.fixture
async def elsewhere(bob: Person, charlie: Person) -> str:
    """A group that bob owns and charlie is in."""
    return (await groups.create_group(actor=bob.actor, name="Elsewhere", member_ids=[charlie.id])).id


async def test_a_message_is_forwarded_with_a_comment_that_names_people(
    alice: Person, bob: Person, charlie: Person, group_id: str, elsewhere: str
) -> None:
    message_id = await send(alice, group_id, f"<@{bob.id}> <@{charlie.id}> see <!all>")
    sent = await forward_message(
        actor=bob.actor, message_id=message_id, group_id=elsewhere, content=f"<@{charlie.id}> look"
    )
    message = sent["message"]
    seq = message_id.rpartition(".")[2]
    assert message["content"].startswith("[Alice ")
    assert f"](/groups/{group_id}/messages/{seq}):\n> @Bob " in message["content"]
    assert message["content"].endswith(f"\n\n<@{charlie.id}> look")
    assert message["mentions"] == {"userIds": [charlie.id]}
    assert (message["groupId"], message["userId"]) == (elsewhere, bob.id)


async def test_a_forward_is_stored_once_even_if_the_message_was_edited_meanwhile(
    alice: Person, bob: Person, group_id: str, elsewhere: str
) -> None:
    message_id, other = await send(alice, group_id, "first"), await send(alice, group_id, "another")
    first = await forward_message(actor=bob.actor, message_id=message_id, group_id=elsewhere, client_id="f")
    await services.edit_message(actor=alice.actor, message_id=message_id, content="edited")
    again = await forward_message(actor=bob.actor, message_id=message_id, group_id=elsewhere, client_id="f")
    assert again == {**first, "duplicate": True}
    for id_, comment in ((other, ""), (message_id, "with a comment"), (message_id, "> edited")):
        with pytest.raises(IdempotencyConflict):
            await forward_message(actor=bob.actor, message_id=id_, group_id=elsewhere, client_id="f", content=comment)
    page = await selectors.list_messages(actor=bob.actor, group_id=elsewhere)
    assert [message["id"] for message in page.messages] == [first["message"]["id"]]


async def test_one_forwards_only_between_groups_of_ones_own(
    alice: Person, bob: Person, charlie: Person, group_id: str, elsewhere: str
) -> None:
    message_id, theirs = await send(bob, group_id, "x"), await send(bob, elsewhere, "y")
    attempts = [(alice, message_id, elsewhere), (charlie, message_id, elsewhere), (alice, theirs, group_id)]
    for person, id_, target in attempts:
        with pytest.raises(NotFound):
            await forward_message(actor=person.actor, message_id=id_, group_id=target)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(NotFound):
        await forward_message(actor=bob.actor, message_id=message_id, group_id=elsewhere)
    with pytest.raises(NotFound):
        await quote_message(actor=bob.actor, message_id=message_id)


async def test_a_deleted_message_is_neither_quoted_nor_forwarded(alice: Person, group_id: str) -> None:
    message_id = await send(alice, group_id, "oops")
    await services.delete_message(actor=alice.actor, message_id=message_id)
    with pytest.raises(Gone):
        await quote_message(actor=alice.actor, message_id=message_id)
    with pytest.raises(Gone):
        await forward_message(actor=alice.actor, message_id=message_id, group_id=group_id)


async def test_no_more_names_are_looked_up_than_are_shown(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = " ".join(f"<@u{number}>" for number in range(1000))
    message_id = await send(alice, group_id, f"<@{bob.id}> {named}")
    asked, get_users = list[int](), users.get_users

    async def count(*, user_ids: Any) -> Any:
        asked.append(len(user_ids))
        return await get_users(user_ids=user_ids)

    monkeypatch.setattr(users, "get_users", count)
    assert "> @Bob" in (await quote_message(actor=alice.actor, message_id=message_id))["content"]
    assert asked == [MAX_SHOWN + 1]


async def test_who_may_not_send_just_now_has_nothing_read_for_it(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(budget: str, user_id: str) -> None:
        assert (budget, user_id) == ("message", alice.id)
        raise RateLimited

    monkeypatch.setattr(bucket, "require", refuse)
    with pytest.raises(RateLimited):
        await forward_message(actor=alice.actor, message_id="nonsense", group_id=group_id)


async def test_the_longest_texts_fit(alice: Person, group_id: str) -> None:
    message_id = await send(alice, group_id, "y\n" * 5000)
    quoted = await quote_message(actor=alice.actor, message_id=message_id)
    assert len(quoted["content"]) <= MAX_QUOTE + 2
    sent = await forward_message(actor=alice.actor, message_id=message_id, group_id=group_id, content="x" * 9000)
    assert len(sent["message"]["content"]) <= 10_000
    with pytest.raises(Invalid):
        await forward_message(actor=alice.actor, message_id=message_id, group_id=group_id, content="x" * 9990)
