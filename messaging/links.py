"""Permanent links to messages: pages that members alone can open."""

from typing import Any


def link_to(group_id: str, seq: int) -> str:
    """Return the address of the page that shows a message in its conversation, from the server's root."""
    return f"/groups/{group_id}/messages/{seq}"


def with_links(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the HTTP API whose messages have their `link`; it may be one message."""
    if "content" in answer:
        answer["link"] = link_to(answer["groupId"], answer["seq"])
    for name in ("message", "root", "lastReply"):
        if name in answer:
            with_links(answer[name])
    for name in ("messages", "items", "threads"):
        for each in answer.get(name, ()):
            with_links(each)
    for change in answer.get("changes", ()):
        with_links(change["data"])
    return answer
