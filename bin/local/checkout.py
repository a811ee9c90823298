"""Where things lie in this checkout, and the settings an operator may write into .env."""

import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
# Everything the engines own: data, logs, addresses, lock. Deleting it resets the checkout.
ENGINES = ROOT / ".engines"
DATA = ENGINES / "data"
LOGS = ENGINES / "logs"
ADDRESSES = ENGINES / "addresses.json"
LOCK = ENGINES / "lock"
# Virtual environments of older revisions that need other packages, by the digest of these.
VENVS = ENGINES / "venvs"


def make_private_folder(folder: Path) -> Path:
    """Chats and passwords end up in these folders: nobody else on the machine may look in."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def load_dotenv(path: Path = ROOT / ".env", into: MutableMapping[str, str] = os.environ) -> None:
    """Adds the lines `NAME=value` of a file to the environment; what is set already wins."""
    if path.is_file():
        for name, value in _assignments(path.read_text()):
            into.setdefault(name, value)


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for raw in text.splitlines():
        line = raw.strip().removeprefix("export ")
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            yield name.strip(), _unquoted(value.strip())


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
