"""A file as messages and responses refer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FileReference:
    """A stored file: `size` in bytes, `uploaded_at` an ISO time in UTC, `width` and `height` in pixels, of images."""

    id: str
    name: str
    type: str
    size: int
    group_id: str
    uploaded_by: str
    uploaded_at: str
    sha256: str
    width: int | None = None
    height: int | None = None

    @property
    def url(self) -> str:
        return f"/api/files/{self.id}"

    def as_wire(self) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "uploadedBy": self.uploaded_by,
            "uploadedAt": self.uploaded_at,
            "groupId": self.group_id,
            "sha256": self.sha256,
        }
        if self.width and self.height:
            metadata |= {"width": self.width, "height": self.height}
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "size": self.size,
            "url": self.url,
            "metadata": metadata,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "FileReference":
        """Return the reference that `as_wire` wrote, as attachments of stored messages hold it."""
        metadata = wire["metadata"]
        return cls(
            id=wire["id"],
            name=wire["name"],
            type=wire["type"],
            size=wire["size"],
            group_id=metadata["groupId"],
            uploaded_by=metadata["uploadedBy"],
            uploaded_at=metadata["uploadedAt"],
            sha256=metadata["sha256"],
            width=metadata.get("width"),
            height=metadata.get("height"),
        )
