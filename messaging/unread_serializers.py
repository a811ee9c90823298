"""The shapes of requests about where something is unread."""

from typing import Any

from foundation.fields import BoundedList, Cursor, Text
from foundation.validation import Input

from .unread_places import MAX_PAGE, ReadPlace


class ListUnreadInput(Input):
    """Which page of the places where something is unread: the first, or the one after `cursor`."""

    cursor = Cursor(parts=2, required=False)


class _PlaceField(Text):
    """A place and the seq up to which it was seen, as a value of a form: `group_x:12`, of a thread `group_x.7:12`."""

    default_error_messages = {"place": "This is no place that can be read."}

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        place, _, seq = value.rpartition(":")
        if not place or not seq.isascii() or not seq.isdigit():
            self.fail("place")
        return value


class ReadPlacesInput(Input):
    """Mark places as read up to what was seen there."""

    places = BoundedList(child=_PlaceField(max_length=150), min_length=1, max_length=MAX_PAGE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        parts = [value.rpartition(":") for value in attrs["places"]]
        return {"places": [ReadPlace(place, int(seq)) for place, _, seq in parts]}
