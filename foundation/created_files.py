"""Files that the first process to need them creates, and all others read: keys of this installation."""

import contextlib
import os
import tempfile
from pathlib import Path


def create_file(path: Path, content: bytes) -> None:
    """Create a file for its owner alone, and its folder; keep the one that another process has created first.

    No process reads a part of it: it is written under another name, and of several `link`s only the first succeeds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp creates the file with mode 0600.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()
