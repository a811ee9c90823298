"""A revision of our server in its own folder: the command that starts it, and the Python that runs it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import UserError, print_line
from bin.local.install import install_venv
from bin.local.requirements import requirement_lines

# Executed by the revision's own code: the options of uvicorn and the modules they name differ between revisions.
_PRINT_COMMAND = """
import json
from bin.local import serve
print(json.dumps(serve.command(serve.Listen.from_environment())))
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """Its folder, and a Python with the packages of its requirements.txt."""

    root: Path
    python: Path

    def server_command(self, host: str, port: int) -> list[str]:
        """Return the command line of one server process, as this revision's own bin/run starts it."""
        env = {**os.environ, "HOST": host, "PORT": str(port), "WORKERS": "1"}
        command: list[str] = json.loads(self._output([self.python, "-c", _PRINT_COMMAND], env))
        return command

    def manage(self, arguments: Sequence[str], env: Mapping[str, str]) -> str:
        """Run its manage.py and return the output."""
        return self._output([self.python, "manage.py", *arguments], env)

    def _output(self, command: Sequence[str | Path], env: Mapping[str, str]) -> str:
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{' '.join(map(str, command[1:]))} failed.", *done.stderr.splitlines()[-15:])
        return done.stdout


WORKING_TREE = Revision(ROOT, Path(sys.executable))


def commit_of(name: str, root: Path = ROOT) -> str:
    """Return the commit hash of a branch, tag or revision; raises `UserError`."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f"{name} is not a commit of this repository.",
            "Use a branch, a tag, a hash or an expression such as HEAD~3.",
        )
    return done.stdout.strip()


@contextmanager
def checked_out(commit: str, root: Path = ROOT) -> Iterator[Revision]:
    """Unpack a commit into a temporary folder, and install its packages where they differ from ours."""
    with tempfile.TemporaryDirectory(prefix="chatproject-revision-") as folder:
        tree = Path(folder)
        _unpack(commit, tree, root)
        revision = Revision(tree, _python_for(tree))
        # Otherwise its first server would compile the modules, which adds to its memory.
        subprocess.run([revision.python, "-m", "compileall", "-q", tree], stdout=subprocess.DEVNULL, check=False)
        yield revision


def _unpack(commit: str, folder: Path, root: Path) -> None:
    """From an archive, not as a git worktree, which would stay registered if this process were killed."""
    archive = subprocess.run(["git", "archive", "--format=tar", commit], cwd=root, capture_output=True, check=False)
    if archive.returncode:
        raise UserError(f"git archive {commit} failed.", *archive.stderr.decode().splitlines())
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def _python_for(tree: Path) -> Path:
    """Return our own Python when the requirements are the same, else that of a cached virtual environment."""
    lines, ours = (requirement_lines((root / "requirements.txt").read_text()) for root in (tree, ROOT))
    if lines == ours:
        return Path(sys.executable)
    print_line("  its requirements differ from ours")
    return install_venv("bin/bench", lines)
