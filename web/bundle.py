"""The built form of the web chat's script and style, made by esbuild of the modules that lie in static/.

One file each, and files of their own for what the script imports only when it is needed, with `import()`.

Without it, or while somebody works on them, pages load these as they are.
"""

import re
import subprocess
from pathlib import Path

from django.conf import settings

SOURCES = Path(__file__).resolve().parent / "static"
# Each has under its own name what it imports; what the script shares with what it imports later is in chunks.
ENTRIES = ("web/js/app/main.js", "web/css/chat.css", "web/css/common.css")
_TARGET = "es2022,chrome111,firefox115,safari16.4"
_TIMEOUT = 60.0
_CHUNK = re.compile(r"""(?:\bfrom|\bimport)\s*["']\.\./chunks/([^"']+)["']""")


class BuildFailed(Exception):
    """esbuild is missing, or has refused a file; the message is for people."""


def build(folder: Path) -> None:
    """Write the built files into a folder, each where its source is below static/. Raises `BuildFailed`."""
    command = [
        _esbuild(),
        *ENTRIES,
        f"--outdir={folder}",
        "--outbase=.",
        "--bundle",
        "--minify",
        "--format=esm",
        "--splitting",
    ]
    command += ["--chunk-names=web/js/chunks/[name]-[hash]", f"--alias:socket.io-client={_socket_io()}"]
    try:
        subprocess.run(  # noqa: S603 - what npm has installed, and our own files
            [*map(str, command), f"--target={_TARGET}", "--log-level=warning"],
            cwd=SOURCES,
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
        )
    except subprocess.CalledProcessError as error:
        raise BuildFailed(error.stderr) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildFailed(str(error)) from error


def shared_chunks(folder: Path) -> list[str]:
    """Return the names of the built files that the script imports at once, to be preloaded with it."""
    return [f"web/js/chunks/{name}" for name in _CHUNK.findall((folder / ENTRIES[0]).read_text())]


def _socket_io() -> Path:
    """Return Socket.IO's own build, as it is served unbuilt: esbuild's own of its modules is larger, in two files."""
    return settings.BASE_DIR / "node_modules" / "socket.io-client" / "dist" / "socket.io.esm.min.js"


def _esbuild() -> Path:
    """Return esbuild's program: the one of this machine's kind, which npm has chosen."""
    folders = settings.BASE_DIR / "node_modules" / "@esbuild"
    for program in sorted(folders.glob("*/bin/esbuild")):
        return program
    raise BuildFailed("esbuild is not installed: run npm ci in the folder of this project.")
