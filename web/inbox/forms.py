"""The buttons that mark an item of the inbox as read, or all."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.validation import validated
from messaging.inbox.serializers import ListInboxInput, ReadItemsInput
from messaging.inbox.services import read_items
from users.actor import Actor
from web.forms import form


@form()
async def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark the items of the fields `itemIds` as read; the button for all has none. Go back to that `kind`."""
    shown = validated(ListInboxInput, {"kind": request.GET["kind"]} if "kind" in request.GET else {})
    ids = request.POST.getlist("itemIds")
    await read_items(actor=actor, **validated(ReadItemsInput, {"itemIds": ids or None}))
    query = f"?{urlencode(shown)}" if shown else ""
    return HttpResponseRedirect(f"{reverse('web:inbox')}{query}")
