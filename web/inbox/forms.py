"""The buttons that mark an item of the inbox as read, or all."""

from django.http import HttpRequest, HttpResponse

from foundation.validation import validated
from messaging.inbox.serializers import ReadItemsInput
from messaging.inbox.services import read_items
from users.actor import Actor
from web.forms import form, redirect_to


@form()
async def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark the items of the fields `itemIds` as read; the button for all has none."""
    ids = request.POST.getlist("itemIds")
    await read_items(actor=actor, **validated(ReadItemsInput, {"itemIds": ids or None}))
    return redirect_to("inbox")
