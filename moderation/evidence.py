"""What is kept of a thing that is reported, and for how long."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from foundation.ids import to_wire
from users.user import User


def of_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message said; of its files the names, which go with the message.

    {"content", "version", "createdAt", "updatedAt"?, "files"?: [{"name", "type", "size"}]}
    """
    kept = {name: message[name] for name in ("content", "version", "createdAt", "updatedAt") if name in message}
    files = [{name: file[name] for name in ("name", "type", "size")} for file in message.get("attachments", ())]
    return kept | ({"files": files} if files else {})


def of_user(user: User) -> dict[str, Any]:
    """Return what a profile said: {"name", "handle"?, "title"?, "status"?, "hasPicture"}."""
    status = user.custom_status
    said = {
        "name": user.name,
        "handle": user.handle,
        "title": user.title,
        "status": " ".join(filter(None, (status.emoji, status.text))) if status else None,
    }
    return {name: value for name, value in said.items() if value} | {"hasPicture": user.image_url is not None}


def is_kept(decided_at: str | None) -> bool:
    """Return whether the evidence of a case that was decided then is still shown."""
    return decided_at is None or decided_at >= kept_since()


def kept_since() -> str:
    return to_wire(datetime.now(UTC) - timedelta(days=settings.REPORT_EVIDENCE_DAYS))
