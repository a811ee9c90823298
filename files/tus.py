"""The headers of tus 1.0, the protocol of resumable uploads (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.http import http_date

from foundation.errors import AppError, Invalid

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
CONTENT_TYPE = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256", "md5")
# What Python's `int` takes beyond digits is none of the protocol's, nor is more than JSON carries.
_MAX_DIGITS = 15


class OtherVersion(AppError):
    """The client speaks another version."""

    status = 412
    default_message = f"This server speaks tus {VERSION}: send 'Tus-Resumable: {VERSION}'."

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Tus-Version": VERSION}


class NotAPart(AppError):
    status = 415
    default_message = f"A part of a file has 'Content-Type: {CONTENT_TYPE}'."


class ChecksumMismatch(AppError):
    """The protocol's own status."""

    status = 460
    retryable = True
    default_message = "The part does not have this checksum: nothing of it was kept."


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says that the hash of a part is."""

    algorithm: str
    digest: bytes

    def matches(self, hashed: Any) -> bool:
        return bool(hashed.digest() == self.digest)

    def new_hash(self) -> Any:
        return hashlib.new(self.algorithm, usedforsecurity=False)


def require_version(headers: Mapping[str, str]) -> None:
    if headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion


def parse_number(headers: Mapping[str, str], name: str) -> int:
    """Return the header's value; raises `Invalid` unless it is a number of bytes."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
        raise Invalid(f"{name} must be a number of bytes.")
    return int(text)


def parse_metadata(header: str) -> dict[str, str]:
    """Return the pairs of `Upload-Metadata`: names, and values that are UTF-8 in base64; raises `Invalid`."""
    metadata: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        name, _, value = pair.partition(" ")
        if name in metadata:
            raise Invalid("Upload-Metadata names something twice.")
        metadata[name] = _decoded(value.strip(), "Upload-Metadata").decode(errors="replace")
    return metadata


def parse_checksum(header: str) -> Checksum | None:
    """Return the checksum of `Upload-Checksum`, None without one; raises `Invalid` for an algorithm not of ours."""
    if not header:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Invalid(f"Upload-Checksum must be by one of: {', '.join(ALGORITHMS)}.")
    return Checksum(algorithm, _decoded(value, "Upload-Checksum"))


def _decoded(value: str, header: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"{header} must have values in base64.") from error


def progress_headers(offset: int, expires_at: datetime | None) -> dict[str, str]:
    """Return the headers that say how far an upload is, and until when it can be resumed."""
    expiry = {} if expires_at is None else {"Upload-Expires": http_date(expires_at.timestamp())}
    return {"Upload-Offset": str(offset), **expiry}
