"""Where a file lies while its upload is received."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class TemporaryFileHandler(TemporaryFileUploadHandler):
    """Names the temporary file itself: Django gives it the extension of the client's, of any length."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = TemporaryUploadedFile("file", self.content_type, 0, self.charset, self.content_type_extra)
        self.file.name = self.file_name


@contextmanager
def closing_unfinished(handlers: Iterable[FileUploadHandler]) -> Iterator[None]:
    """When parsing fails, close the file that it was in: Django closes those before it, and leaves this to chance."""
    try:
        yield
    except Exception:
        for handler in handlers:
            file = getattr(handler, "file", None)
            if file is not None:
                file.close()
        raise
