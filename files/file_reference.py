"""A file as messages and responses refer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A smaller picture of an image: `side` is the longer one of the size that it was made for, all in pixels."""

    side: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FileReference:
    """A stored file: `size` in bytes, `uploaded_at` an ISO time in UTC.

    Texts have a `charset`; images `width` and `height`, in pixels and upright, and thumbnails, the smallest first.
    """

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
    charset: str | None = None
    thumbnails: tuple[Thumbnail, ...] = ()

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
        if self.charset:
            metadata["charset"] = self.charset
        if self.thumbnails:
            metadata["thumbnails"] = [self._thumbnail_as_wire(thumbnail) for thumbnail in self.thumbnails]
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "size": self.size,
            "url": self.url,
            "metadata": metadata,
        }

    def _thumbnail_as_wire(self, thumbnail: Thumbnail) -> dict[str, Any]:
        url = f"{self.url}/thumbnails/{thumbnail.side}"
        return {"url": url, "width": thumbnail.width, "height": thumbnail.height}

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
            charset=metadata.get("charset"),
            thumbnails=tuple(
                Thumbnail(int(each["url"].rpartition("/")[2]), each["width"], each["height"])
                for each in metadata.get("thumbnails", ())
            ),
        )
