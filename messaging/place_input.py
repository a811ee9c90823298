"""Where a page of a group's messages lies: the input that HTTP, sockets and pages share."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Id, WholeNumber


class PlaceInput(serializers.Serializer[Any]):
    """Where a page of a group's messages lies."""

    after = WholeNumber(
        required=False,
        allow_null=True,
        help_text="The seq of the last message that you have: the page begins after it.",
    )
    around = Id(
        required=False,
        allow_null=True,
        help_text="The id of a message, or `unread`, the first unread one: the page has those before and after it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("before", "after", "around") if attrs.get(name) is not None]
        if len(given) > 1:
            raise serializers.ValidationError({given[1]: f"A page lies in one place: leave out this or {given[0]}."})
        if given and given[0] != "before" and attrs.get("parent_id"):
            raise serializers.ValidationError({given[0]: "Of a thread there are pages `before` a seq alone."})
        return attrs
