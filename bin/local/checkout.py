"""The paths of this checkout, and its `.env` file."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
# What browsers load, built of web/static.
STATIC = ROOT / ".static"
# Everything the engines own: data, logs, addresses, lock. Deleting it resets the checkout.
ENGINES = ROOT / ".engines"
DATA = ENGINES / "data"
LOGS = ENGINES / "logs"
ADDRESSES = ENGINES / "addresses.json"
LOCK = ENGINES / "lock"
# Virtual environments of older revisions that need other packages, by the digest of these.
VENVS = ENGINES / "venvs"


def make_private_folder(folder: Path) -> Path:
    """Creates a folder that only this user can read: it will hold chats and passwords."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def env_file() -> Path:
    """The file that `chatproject/settings.py` reads too."""
    return Path(os.environ.get("ENV_FILE") or ROOT / ".env")


def load_env_file() -> None:
    """Adds the file's lines to the environment; a variable that is set already wins."""
    # Installed by `install_server`; this module is loaded before that.
    import environ

    environ.Env.read_env(env_file())
