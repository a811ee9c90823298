"""Does what a command asks for, by the services that pages and the API use too; their errors are the command's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from foundation.errors import Invalid
from foundation.ids import to_wire
from foundation.validation import validated
from groups import services as groups
from groups.access import require_member
from groups.serializers import ChangeGroupInput, GroupRefInput
from messaging import services as messages
from messaging.later import reminding, times
from messaging.later.serializers import RemindInput
from messaging.serializers import SendMessageInput
from users import services as users
from users.actor import Actor
from users.serializers import SetStatusInput

from .commands import Help, Remind, Say, SetStatus, SetTopic, Unknown, Wrong, parse


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a text: `say` is what is to be sent, else a command was carried out.

    Then `sentence` says so, and `page` is the name of the page that shows it.
    """

    say: str | None = None
    sentence: str = ""
    page: str = "group"


class UnknownCommand(Invalid):
    """There is no command of this name; what was typed can be sent as text, behind a second slash."""


async def run(
    *, actor: Actor, group_id: str, content: str, has_files: bool = False, client_id: str = "", time_zone: str = ""
) -> Outcome:
    """Carry out the command that a text is, or return what it says.

    `client_id` is the author's name for it, under which what it stores is stored once; `time_zone` that of their
    browser. Raises what the services raise, `UnknownCommand`, and `Invalid` for a command that lacks something.
    """
    command = parse(content)
    if command is None:
        return Outcome(say=content)
    if isinstance(command, Say):
        return Outcome(say=command.content)
    await require_member(actor=actor, **validated(GroupRefInput, {"groupId": group_id}))
    if isinstance(command, Unknown):
        name = command.name
        raise UnknownCommand(f"There is no command /{name}. To send it as text, begin with a second slash: //{name}")
    if isinstance(command, Wrong):
        raise Invalid(str(command.sentence))
    if has_files:
        raise Invalid("A command takes no files: send them with a message.")
    if isinstance(command, Help):
        return Outcome(page="commands")
    if isinstance(command, SetTopic):
        return await _set_topic(actor, group_id, command)
    if isinstance(command, SetStatus):
        return await _set_status(actor, command)
    return await _remind(actor, command, client_id, time_zone)


async def _set_topic(actor: Actor, group_id: str, command: SetTopic) -> Outcome:
    await groups.change_group(actor=actor, **validated(ChangeGroupInput, {"groupId": group_id, "topic": command.text}))
    return Outcome(sentence=_("The topic is changed.") if command.text else _("The topic is taken away."))


async def _set_status(actor: Actor, command: SetStatus) -> Outcome:
    given = {name: value for name, value in (("emoji", command.emoji), ("text", command.text)) if value}
    if not given:
        await users.clear_status(actor=actor)
        return Outcome(sentence=_("You have no status any more."), page="profile")
    if command.lasts:
        given["expiresAt"] = _from_now(command.lasts)
    await users.set_status(actor=actor, **validated(SetStatusInput, given))
    return Outcome(sentence=_("Your status is set."), page="profile")


async def _remind(actor: Actor, command: Remind, client_id: str, time_zone: str) -> Outcome:
    """Write the text into the actor's notes, and remind them of that message."""
    when = {"when": command.when} if command.after is None else {"at": _from_now(command.after)}
    zone = {"timeZone": time_zone} if time_zone else {}
    # First, what may be wrong with the time: no note without a reminder.
    asked = validated(RemindInput, {"messageId": "group_x.1", **when, **zone})
    await _check_time(actor, **asked)
    notes = await groups.create_direct(actor=actor)
    note = {"groupId": notes.id, "content": command.text, **({"clientId": client_id} if client_id else {})}
    sent = await messages.send_message(actor=actor, **validated(SendMessageInput, note))
    await reminding.remind(actor=actor, **{**asked, "message_id": sent["message"]["id"]})
    return Outcome(sentence=_("You will be reminded. It is in your notes until then."), page="planned")


async def _check_time(actor: Actor, *, at: datetime | None = None, when: str = "", **more: Any) -> None:
    zone = more.get("time_zone")
    await (times.moment_at(actor, at, zone) if at else times.moment_in(actor, when, zone))


def _from_now(span: timedelta) -> str:
    return to_wire(datetime.now(UTC) + span)
