"""The buttons that mark a place as read, or all places of the page."""

from django.http import HttpRequest, HttpResponse

from foundation.validation import validated
from messaging.unread_places import read_places
from messaging.unread_serializers import ReadPlacesInput
from users.actor import Actor
from web.forms import form, redirect_to


@form()
async def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark the places of the fields `places` as read, each up to what the page had of it."""
    await read_places(actor=actor, **validated(ReadPlacesInput, {"places": request.POST.getlist("places")}))
    return redirect_to("unread")
