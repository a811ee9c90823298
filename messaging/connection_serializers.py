"""The shapes of what a client says of its connection: who it is, what it has, and whether somebody is there."""

from typing import Any

from rest_framework import serializers

from foundation.fields import BoundedDict, Choice, Text, WholeNumber
from foundation.validation import Input

MAX_TOKEN = 8192
# Of how many groups a client may say what it has; a frame before sign-in holds about as many.
MAX_SINCE = 4000


class PresenceInput(serializers.Serializer[Any]):
    """Say whether you are active at this client."""

    status = Choice(choices=["online", "away"])


class AuthenticateInput(serializers.Serializer[Any]):
    """Replace the connection's token with a fresh one of the same user, before it expires."""

    token = Text(max_length=MAX_TOKEN)


class RefreshedSerializer(serializers.Serializer[Any]):
    expiresAt = serializers.IntegerField(help_text="In seconds since the epoch.")


class HandshakeInput(Input):
    """Who you are, and what you have already."""

    token = Text(
        max_length=MAX_TOKEN,
        required=False,
        allow_null=True,
        help_text="A session token, unless an Authorization header or the session cookie has it.",
    )
    since = BoundedDict(
        child=WholeNumber(),
        required=False,
        allow_null=True,
        max_length=MAX_SINCE,
        help_text="The last seq that you have of each group, by its id.",
    )
    threads = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="`ready` has what is unread in the threads that you follow, in `threads`.",
    )
    render = Choice(
        choices=["html"],
        required=False,
        allow_null=True,
        help_text="Messages that this connection gets have their text as HTML too, in `html`.",
    )
