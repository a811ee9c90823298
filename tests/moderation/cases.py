"""What tests do with reports and cases."""

from messaging import services as messages
from moderation import selectors, services
from moderation.case import Case
from moderation.selectors import CaseDetail
from tests.cast import Person


async def says(who: Person, group_id: str, content: str) -> str:
    """Return the id of a message that this person sends now."""
    sent = await messages.send_message(actor=who.actor, group_id=group_id, content=content)
    message_id: str = sent["message"]["id"]
    return message_id


async def case_of(administrator: Person, thing_id: str, state: str = "open") -> Case:
    """Return the latest case of a thing, of those that are listed first: tests share the queue."""
    page = await selectors.list_cases(actor=administrator.actor, state=state, limit=100)
    found = [case for case in page.cases if case.thing.id == thing_id]
    if not found:
        raise LookupError(f"no {state} case of {thing_id}")
    return found[0]


async def reported(reporter: Person, administrator: Person, message_id: str, reason: str = "spam") -> Case:
    """Report a message, and return its case."""
    await services.report_message(actor=reporter.actor, message_id=message_id, reason=reason)
    return await case_of(administrator, message_id)


async def detail_of(administrator: Person, case: Case) -> CaseDetail:
    return await selectors.get_case(actor=administrator.actor, case_id=case.id)
