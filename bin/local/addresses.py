""".engines/addresses.json: the addresses of the running engines, for manage.py and other programs."""

import json
from collections.abc import Mapping
from pathlib import Path

from bin.local.checkout import ADDRESSES, make_private_folder


def write(addresses: Mapping[str, str], path: Path = ADDRESSES) -> None:
    """Writes the file atomically, readable by this user only: the address of a named engine may hold a password."""
    make_private_folder(path.parent)
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(addresses, indent=2) + "\n")
    draft.replace(path)


def read(path: Path = ADDRESSES) -> dict[str, str]:
    """The addresses by variable; empty when nothing runs."""
    try:
        addresses: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return addresses


def remove(path: Path = ADDRESSES) -> None:
    path.unlink(missing_ok=True)
