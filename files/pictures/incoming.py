"""A picture as it comes in a form."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from foundation.uploaded_files import read_pieces

from .cutting import SentPicture


def sent_picture(file: "UploadedFile[Any]", square: tuple[int, int, int] | None = None) -> SentPicture:
    """Return what the services take of a file in a form, and the square that was chosen."""
    return SentPicture(read_pieces(file), file.size or 0, square)
