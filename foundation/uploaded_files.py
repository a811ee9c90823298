"""Files of `multipart/form-data` under the names that people gave them: Django's parser alters names as it reads them.

It decodes what looks like HTML (`a&para=1.txt`), drops what Python does not call printable (the space of macOS's
screenshots, joiners, new emoji), and skips a file of whose name nothing remains. A name as it comes is untrusted:
whoever stores it cleans it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

READ_BYTES = 1024 * 1024
# What browsers escape in a name, and nothing else: https://html.spec.whatwg.org/#multipart-form-data.
_ESCAPES = {"%22": '"', "%0A": "\n", "%0D": "\r"}
_ESCAPED = re.compile("|".join(_ESCAPES), re.IGNORECASE)


def declared_type(file: "UploadedFile[Any]") -> str:
    """Return the content type that came with a file, with its charset if it has one; untrusted."""
    charset = file.charset.decode("latin-1") if isinstance(file.charset, bytes) else file.charset
    return f"{file.content_type or ''}; charset={charset}" if charset else file.content_type or ""


async def read_pieces(file: "UploadedFile[Any]") -> AsyncIterator[bytes]:
    """Read a temporary file in threads: a slow disk must not block the event loop."""
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, READ_BYTES):
        yield piece


def given_name(raw: str) -> str:
    """Return the name of a file as it was before a browser escaped it, without folders, never empty; untrusted."""
    name = _ESCAPED.sub(lambda match: _ESCAPES[match[0].upper()], raw)
    # That of Windows too. Django skips a file without a name.
    return re.split(r"[/\\]", name)[-1] or " "


class NamedFileHandler(FileUploadHandler):
    """Django's hook for a parser of one's own: reads the whole form, into temporary files."""

    def handle_raw_input(  # type: ignore[override] # Django's types have the streams of WSGI
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: bytes, encoding: str | None = None
    ) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]]":
        files = _TemporaryFiles(self.request)
        try:
            return _Parser(META, input_data, [files], encoding).parse()
        except Exception:
            # Django closes the files before the one that the parser failed in, and leaves that to chance.
            if file := getattr(files, "file", None):
                file.close()
            raise

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise NotImplementedError("the form was read as a whole")

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        raise NotImplementedError("the form was read as a whole")


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        return given_name(file_name)


class _TemporaryFiles(TemporaryFileUploadHandler):
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = _NamedFile(self.file_name or " ", self.content_type, 0, self.charset, self.content_type_extra)


class _NamedFile(TemporaryUploadedFile):
    """Its name on the disk has nothing of what the client says, which may be too long for a file system."""

    def __init__(self, name: str, *args: Any) -> None:
        super().__init__("file", *args)
        self._name = name
