"""HTTP views of messages."""

from datetime import datetime
from typing import Any

from foundation.api import call_async, call_unhurried
from foundation.operations import Operation
from groups import views
from groups.serializers import GroupRefInput
from users.actor import Actor
from users.api import ApiView

from . import http_serializers, selectors, serializers, services, text_serializers
from .edit_history import list_versions
from .group_deletion import delete_group
from .links import with_links
from .mentionable import list_mentionable
from .text.answers import with_html
from .unread import mark_unread

Wire = dict[str, Any]


def _older(page: Any) -> Wire | None:
    """Return the parameters of the page of older messages; the newest come first, so it is the next one."""
    return {"before": page["messages"][0]["seq"]} if page["hasMore"] and page["messages"] else None


def _further(page: Any) -> Wire | None:
    """Return the parameters of the next page: of those after a seq, that of newer messages."""
    if "hasNewer" not in page or "around" in page:
        return (older := _older(page)) and {**older, "around": None}
    return {"after": page["messages"][-1]["seq"]} if page["hasNewer"] else None


def _later(page: Any) -> Wire | None:
    return {"since": page["changes"][-1]["seq"]} if page["hasMore"] and page["changes"] else None


async def _shown(actor: Actor, answer: Wire, render: str | None) -> Wire:
    """Return an answer with the links of its messages, and with their HTML if the caller has asked for it."""
    return with_links(await with_html(answer, actor=actor) if render else answer)


def _answered(actor: Actor, answer: Wire, render: str | None) -> Wire:
    """Return the same of what a service has answered in a thread."""
    return call_async(_shown, actor, answer, render) if render else with_links(answer)


def _modified(message: Any) -> datetime | None:
    """Return when a message was last changed; not known once others have reacted or replied, which has no time.

    Nor is that of HTML, which has names.
    """
    if {"reactions", "replyCount", "html"} & message.keys():
        return None
    return datetime.fromisoformat(message.get("updatedAt") or message["createdAt"])


class GroupView(views.GroupView):
    """One group: PATCH changes it, DELETE deletes it for good."""

    @Operation("groups_delete", GroupRefInput, statuses=(204,))
    def delete(self, actor: Actor, **group: Any) -> None:
        """Delete a group for good, with its messages and files; its owner may.

        All members are removed, and told so; a direct conversation cannot be deleted.
        """
        call_unhurried(delete_group, actor=actor, **group)


class MessagesView(ApiView):
    """A group's messages, in pages; a POST sends one."""

    @Operation("messages_list", serializers.ListMessagesInput, http_serializers.PageSerializer, next_page=_further)
    async def get(self, actor: Actor, render: str | None = None, **query: Any) -> Wire:
        """List the messages of a group, from the newest page to the oldest, oldest first in a page.

        With `around`, the page has a message, or the first unread one, and those beside it; with `after` it goes on
        from there. Replies are in the pages of their threads.
        """
        return await _shown(actor, await selectors.read_page(actor=actor, **query), render)

    @Operation(
        "messages_send",
        serializers.SendMessageInput,
        http_serializers.SentSerializer,
        statuses=(201, 200),
        location=lambda sent: f"/api/messages/{sent['message']['id']}",
        query=serializers.RenderInput,
    )
    def post(self, actor: Actor, render: str | None = None, **message: Any) -> Wire:
        """Send a message; a retry with the same clientId gets 200, the stored message and `duplicate: true`."""
        return _answered(actor, call_async(services.send_message, actor=actor, **message), render)


class MessageView(ApiView):
    """One message; PATCH edits it, DELETE deletes it for good."""

    @Operation("messages_read", serializers.ReadMessageInput, http_serializers.MessageSerializer, modified=_modified)
    async def get(self, actor: Actor, render: str | None = None, **message: Any) -> Wire:
        """Get a message."""
        return await _shown(actor, await selectors.get_message(actor=actor, **message), render)

    @Operation(
        "messages_edit", serializers.EditMessageInput, http_serializers.EditedSerializer, query=serializers.RenderInput
    )
    def patch(self, actor: Actor, render: str | None = None, **edit: Any) -> Wire:
        """Change the text of a message of your own."""
        if self.current:
            # What If-Match was compared with: nobody may edit it in between.
            edit["if_version"] = edit.get("if_version") or self.current["version"]
        return _answered(actor, call_async(services.edit_message, actor=actor, **edit), render)

    @Operation("messages_delete", serializers.DeleteMessageInput, serializers.DeletionSerializer)
    def delete(self, actor: Actor, **message: Any) -> Wire:
        """Delete a message and its files for good; its author may, and the group's owner and admins."""
        return call_async(services.delete_message, actor=actor, **message)


class ReactionsView(ApiView):
    """The reactions to a message."""

    @Operation("messages_react", serializers.ReactionInput, serializers.ReactionsSerializer)
    def post(self, actor: Actor, **reaction: Any) -> Wire:
        """Add or remove your reaction to a message."""
        return call_async(services.react, actor=actor, **reaction)


class ThreadView(ApiView):
    """A message's thread: the message and its replies, in pages."""

    @Operation("messages_thread", serializers.ListThreadInput, http_serializers.ThreadSerializer, next_page=_older)
    async def get(self, actor: Actor, render: str | None = None, **query: Any) -> Wire:
        """Get a message and its replies, from the newest page to the oldest, oldest first in a page."""
        return await _shown(actor, await selectors.list_thread(actor=actor, **query), render)


class HistoryView(ApiView):
    """What a message said before it was edited."""

    @Operation("messages_history", serializers.ReadMessageInput, text_serializers.VersionsSerializer)
    async def get(self, actor: Actor, render: str | None = None, **message: Any) -> Wire:
        """List the texts of a message, the oldest first: those that its last 50 edits replaced, and the present one.

        Who may see them is a setting of the server.
        """
        versions = await list_versions(actor=actor, **message)
        return await with_html(versions, actor=actor) if render else versions


class MentionableView(ApiView):
    """Whom you may name in a group."""

    @Operation("groups_mentionable", text_serializers.MentionableInput, text_serializers.MentionableSerializer)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List the members of a group whose name starts with something, to complete what somebody types."""
        return await list_mentionable(actor=actor, **query)


class ChangesView(ApiView):
    """The changes of a group since a place in its log, for a client that polls or catches up."""

    @Operation("messages_changes", serializers.ListChangesInput, serializers.ChangesSerializer, next_page=_later)
    async def get(self, actor: Actor, render: str | None = None, **query: Any) -> Wire:
        """List what has changed in a group after the seq `since`: the events that sockets get, in order."""
        return await _shown(actor, await selectors.list_changes(actor=actor, **query), render)


class UnreadView(ApiView):
    """What you have not read."""

    @Operation("messages_mark_unread", serializers.MarkUnreadInput, serializers.ReadSerializer)
    def post(self, actor: Actor, **message: Any) -> Wire:
        """Move your read mark of a group, or if the message is a reply of its thread, back to before the message.

        What follows it is unread, but what you wrote yourself. At most 1,000 entries of the log may follow the message.
        """
        return call_async(mark_unread, actor=actor, **message)


class ReadView(ApiView):
    """How far you have read."""

    @Operation("messages_mark_read", serializers.MarkReadInput, serializers.ReadSerializer)
    def post(self, actor: Actor, **mark: Any) -> Wire:
        """Move your read mark of a group, or of a thread, forward."""
        return call_async(services.mark_read, actor=actor, **mark)
