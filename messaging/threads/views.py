"""HTTP views of the threads that people follow."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import serializers
from .selectors import list_threads
from .services import set_following

Wire = dict[str, Any]


class ThreadsView(ApiView):
    """The threads that you follow."""

    @Operation(
        "threads_list", serializers.ListThreadsInput, serializers.FollowedThreadsSerializer, next_page=next_cursor
    )
    async def get(self, actor: Actor, render: str | None = None, **page: Any) -> Wire:
        """List the threads that you follow, those with the latest reply first.

        You follow a thread when you write in it, when it is about a message of yours, when somebody names you in it,
        or by hand.
        """
        answer = await list_threads(actor=actor, **page)
        return with_links(await with_html(answer, actor=actor) if render else answer)


class FollowView(ApiView):
    """Whether you follow a thread."""

    @Operation("threads_follow", serializers.FollowThreadInput, serializers.FollowingSerializer)
    def put(self, actor: Actor, **thread: Any) -> Wire:
        """Follow the thread of a message: later replies are in your inbox."""
        return call_async(set_following, actor=actor, following=True, **thread)

    @Operation("threads_unfollow", serializers.FollowThreadInput, serializers.FollowingSerializer)
    def delete(self, actor: Actor, **thread: Any) -> Wire:
        """Follow the thread of a message no longer, until you write in it again, or somebody names you in it."""
        return call_async(set_following, actor=actor, following=False, **thread)
