"""JSON as HTML in which ids and addresses are links."""

import json
import re
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# A line of indented JSON whose value is a text, and one of a list of texts.
_FIELD = re.compile(r'( *"(\w+)": )"([^"\\]+)"(,?)')
_ITEM = re.compile(r'( *)"([^"\\]+)"(,?)')
_USERS = ("userId", "createdBy", "uploadedBy")
_MESSAGES = ("messageId", "parentId")
# By the name of an address: what belongs to it.
_RELATED = {
    "group": (
        ("Messages", "/api/messages?groupId={groupId}"),
        ("Members", "/api/groups/{groupId}/members"),
        ("Files", "/api/files?groupId={groupId}"),
        ("Leave", "/api/groups/{groupId}/leave"),
        ("In the web chat", "/groups/{groupId}"),
    ),
    "members": (("Group", "/api/groups/{groupId}"),),
    "message": (("Thread", "/api/messages/{messageId}/thread"), ("Reactions", "/api/messages/{messageId}/reactions")),
    "thread": (("Message", "/api/messages/{messageId}"),),
    "groups": (("Direct conversations", "/api/groups/direct"),),
    "messages": (("Read marks", "/api/messages/read"),),
    "file-metadata": (("Content", "/api/files/{fileId}"),),
    "files": (("Upload", "/api/upload"),),
}


def related(url_name: str, path: dict[str, str]) -> list[tuple[str, str]]:
    """Return (title, address) of what belongs to an address with these ids."""
    quoted = {name: quote(value, safe="") for name, value in path.items()}
    return [(title, address.format_map(quoted)) for title, address in _RELATED.get(url_name, ())]


def linked_json(data: Any) -> SafeString:
    """Return indented JSON as HTML."""
    lines = json.dumps(data, indent=2, ensure_ascii=False).splitlines()
    joinable = _joinable(data)
    return format_html_join("\n", "{}", ((_linked(line, joinable),) for line in lines))


def _joinable(data: Any) -> set[str]:
    """Return the ids of those groups of a directory that the caller is not in: they can be joined, and not read."""
    groups = data.get("groups") if isinstance(data, dict) else None
    return {group["id"] for group in groups if group.get("joined") is False} if isinstance(groups, list) else set()


def _linked(line: str, joinable: set[str]) -> SafeString:
    if (field := _FIELD.fullmatch(line)) and (address := address_of(field[2], field[3])):
        address += "/join" if field[3] in joinable else ""
        return format_html('{}"<a href="{}">{}</a>"{}', field[1], address, field[3], field[4])
    if (item := _ITEM.fullmatch(line)) and (address := address_of("id", item[2])):
        return format_html('{}"<a href="{}">{}</a>"{}', item[1], address, item[2], item[3])
    return format_html("{}", line)


def address_of(name: str, value: str) -> str:
    """Return where the value of a field leads, or "": by the field's name, and an id by its own."""
    if value.startswith(("/api/", "http://", "https://")) and name not in ("content", "name", "message"):
        return value
    if name in _USERS or (name == "id" and value.startswith("user_")):
        return f"/api/users/{quote(value, safe='')}"
    if name in _MESSAGES or (name == "id" and "." in value):
        return f"/api/messages/{quote(value, safe='')}"
    if name == "groupId" or (name == "id" and value.startswith(("group_", "direct_"))):
        return f"/api/groups/{quote(value, safe='')}"
    if name == "fileId" or (name == "id" and value.startswith("file_")):
        return f"/api/files/metadata/{quote(value, safe='')}"
    return ""
