"""What a text that begins with a slash asks for."""

from datetime import timedelta

import pytest

from messaging.later.times import NEXT_WEEK, TOMORROW
from messaging.text.rendering import render
from tests.cpu_time import cpu_seconds
from web.conversation.commands import USES, Help, Remind, Say, SetStatus, SetTopic, Unknown, Wrong, parse

pytestmark = pytest.mark.unit

_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    ["hello", "", " /help", "/", "/ help", "/usr/bin", "/Help", "1/2", "// TODO", "//", "//example.com/x", "///help"],
)
def test_what_is_no_command_is_said_as_it_is(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("//help", "/help"),
        ("//unknown thing\nmore", "/unknown thing\nmore"),
        ("/me looks around", "_looks around_"),
        ("/me reads a_b_c", "*reads a_b_c*"),
        ("/me sits down\n\nand stands up ", "_sits down\nand stands up_"),
        ("/shrug", "¯\\\\\\_(ツ)\\_/¯"),
        ("/shrug who knows", "who knows ¯\\\\\\_(ツ)\\_/¯"),
    ],
)
def test_what_stands_for_a_text(text: str, said: str) -> None:
    assert parse(text) == Say(said)


def test_a_shrug_and_what_one_does_are_rendered_as_meant() -> None:
    shrug, does = parse("/shrug well"), parse("/me looks around")
    assert isinstance(shrug, Say)
    assert isinstance(does, Say)
    assert render(shrug.content).filled({}) == "<p>well ¯\\_(ツ)_/¯</p>"
    assert render(does.content).filled({}) == "<p><em>looks around</em></p>"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("/status", SetStatus("", "")),
        ("/status On holiday", SetStatus("", "On holiday")),
        ("/status :palm_tree: On holiday", SetStatus("🌴", "On holiday")),
        ("/status 🌴", SetStatus("🌴", "")),
        ("/status :no_such_emoji: here", SetStatus("", ":no_such_emoji: here")),
        ("/status At lunch for 30 minutes", SetStatus("", "At lunch", timedelta(minutes=30))),
        ("/status 🌴 for a week", SetStatus("🌴", "", timedelta(weeks=1))),
        ("/status Away for an hour", SetStatus("", "Away", _HOUR)),
        ("/status Looking for 2 keys", SetStatus("", "Looking for 2 keys")),
        ("/status here for you for 1 day", SetStatus("", "here for you", timedelta(days=1))),
    ],
)
def test_a_status(text: str, status: SetStatus) -> None:
    assert parse(text) == status


@pytest.mark.parametrize(
    ("text", "reminder"),
    [
        ("/remind call Ada in 20 minutes", Remind("call Ada", timedelta(minutes=20))),
        ("/remind me call Ada in 2 h", Remind("call Ada", timedelta(hours=2))),
        ("/remind me to call Ada tomorrow", Remind("call Ada", when=TOMORROW)),
        ("/remind me of the tide next week", Remind("the tide", when=NEXT_WEEK)),
        ("/remind in an hour to call Ada", Remind("call Ada", _HOUR)),
        ("/remind Me tomorrow the tide", Remind("the tide", when=TOMORROW)),
        ("/remind look in the box in 3 days", Remind("look in the box", timedelta(days=3))),
    ],
)
def test_a_reminder(text: str, reminder: Remind) -> None:
    assert parse(text) == reminder


@pytest.mark.parametrize("text", ["/remind", "/remind call Ada", "/remind in 20 minutes", "/me", "/status for 2 hours"])
def test_what_lacks_something_says_what_it_takes(text: str) -> None:
    command = parse(text)
    assert isinstance(command, Wrong)
    assert "/" in str(command.sentence)


def test_the_others() -> None:
    assert parse("/topic Tides and ships\n") == SetTopic("Tides and ships")
    assert parse("/topic") == SetTopic("")
    assert parse("/help") == Help()
    assert parse("/frobnicate all") == Unknown("frobnicate")


def test_all_that_are_offered_are_known() -> None:
    assert not [name for name in USES if isinstance(parse(f"/{name} x"), Unknown)]


@pytest.mark.parametrize("shape", ["/status {}x", "/remind {}x", "/me {}x", "/remind in{}x", "/remind next{}week{}x"])
@pytest.mark.parametrize("filling", [" ", "\n", " for ", " in 1 "], ids=["spaces", "lines", "for", "in"])
def test_no_text_takes_long(shape: str, filling: str) -> None:
    text = shape.replace("{}", filling * (12_000 // len(filling)))
    assert cpu_seconds(lambda: parse(text), enough=0.01) < 0.05
