"""The built static files of this checkout: built again whenever their sources have changed."""

import sys
from collections.abc import Mapping
from pathlib import Path

from bin.local.advice import exit_words
from bin.local.checkout import ROOT, STATIC
from bin.local.console import UserError, print_line
from bin.local.install import digest
from bin.local.processes import run_in_foreground

_LOCKS = ("package-lock.json", "requirements.lock")
_BUILDERS = ("web/bundle.py", "web/emoji_data.py")


def build(environment: Mapping[str, str]) -> dict[str, str]:
    """Build them if they are not as their sources are; return the setting by which servers find them.

    With DEBUG the command builds nothing and leaves no stamp, for servers then serve the sources as they lie.
    """
    folder = Path(environment.get("STATIC_ROOT") or STATIC)
    found = {"STATIC_ROOT": str(folder)}
    stamp, wanted = folder / ".built", _digest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return found
    print_line("Building the web chat's files")
    command = [sys.executable, "manage.py", "build_static", "--stamp", wanted]
    code = run_in_foreground(command, {**environment, **found}, ROOT)
    if code:
        raise UserError(f"manage.py build_static failed ({exit_words(code)}).", "Its output is above.")
    return found


def _digest() -> str:
    sources = sorted(path for path in (ROOT / "web" / "static").rglob("*") if path.is_file())
    texts = [f"{path.relative_to(ROOT)}\n{path.read_bytes().hex()}" for path in sources]
    return digest([*texts, *((ROOT / name).read_text() for name in (*_LOCKS, *_BUILDERS))])
