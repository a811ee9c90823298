"""Does what an administrator has decided of a case; each may be repeated."""

from contextlib import suppress

from foundation.errors import Forbidden, Invalid, NotFound
from messaging import services as messages
from users import selectors as users
from users.actor import Actor
from workspace import services as workspace
from workspace.roles import may_deactivate

from .case import DECISIONS_OF, DELETE, REMOVE, WARN, Case
from .notices import services as notices


async def require_possible(actor: Actor, case: Case, decision: str, warning: str) -> None:
    """Raise `Invalid` or `Forbidden` unless the actor may decide this of the case."""
    if decision not in DECISIONS_OF[case.thing.kind]:
        raise Invalid(fields={"decision": ["That cannot be decided of a person."]})
    if decision == WARN and not warning:
        raise Invalid(fields={"warning": ["Say what they are to know."]})
    if decision == REMOVE and not may_deactivate(actor, await users.get_user(user_id=case.subject_id)):
        raise Forbidden("They administer this workspace: that ends first.")


async def carry_out(actor: Actor, case: Case, decision: str, warning: str) -> None:
    if decision == DELETE:
        # Its author, or somebody in its group, may have deleted it meanwhile, or all of the group.
        with suppress(NotFound):
            await messages.delete_reported_message(actor=actor, message_id=case.thing.id)
    elif decision == WARN:
        await notices.warn(user_id=case.subject_id, notice_id=case.id, thing=case.thing, text=warning)
    elif decision == REMOVE:
        await workspace.deactivate(actor=actor, user_id=case.subject_id)
