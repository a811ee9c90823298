"""A revision of our server, in a folder of its own: how it is started there and with which Python."""

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
from bin.local.console import UserError, say
from bin.local.install import install_venv, requirement_lines

# Asked of the revision itself: the options of uvicorn and the modules that they name differ between revisions.
_ASK_COMMAND = """
import json
from bin.local import serve
print(json.dumps(serve.command(serve.Listen.from_environment())))
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """Its files, and a Python that has the packages of its requirements.txt."""

    root: Path
    python: Path

    def server_command(self, host: str, port: int) -> list[str]:
        """Return the command line of one server process, as this revision's own bin/run starts it."""
        env = {**os.environ, "HOST": host, "PORT": str(port), "WORKERS": "1"}
        command: list[str] = json.loads(self._output([self.python, "-c", _ASK_COMMAND], env))
        return command

    def manage(self, arguments: Sequence[str], env: Mapping[str, str]) -> str:
        """Run its manage.py and return what that printed."""
        return self._output([self.python, "manage.py", *arguments], env)

    def _output(self, command: Sequence[str | Path], env: Mapping[str, str]) -> str:
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{' '.join(map(str, command[1:]))} failed.", *done.stderr.splitlines()[-15:])
        return done.stdout


WORKING_TREE = Revision(ROOT, Path(sys.executable))


def commit_of(name: str, root: Path = ROOT) -> str:
    """Return the commit that git knows by this name."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{name} is no commit of this repository.", "Use what `git log` knows: HEAD~3, a tag, bad911c.")
    return done.stdout.strip()


@contextmanager
def checked_out(commit: str, root: Path = ROOT) -> Iterator[Revision]:
    """Unpack a commit into a temporary folder, with the packages that it needs."""
    with tempfile.TemporaryDirectory(prefix="chatproject-revision-") as folder:
        tree = Path(folder)
        _unpack(commit, tree, root)
        revision = Revision(tree, _python_for(tree))
        # Else its first server would also compile, and keep the memory that this took.
        subprocess.run([revision.python, "-m", "compileall", "-q", tree], stdout=subprocess.DEVNULL, check=False)
        yield revision


def _unpack(commit: str, folder: Path, root: Path) -> None:
    """From an archive, not as a worktree of git: nothing stays in the repository when we are killed."""
    archive = subprocess.run(["git", "archive", "--format=tar", commit], cwd=root, capture_output=True, check=False)
    if archive.returncode:
        raise UserError(f"git could not give the files of {commit}.", *archive.stderr.decode().splitlines())
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def _python_for(tree: Path) -> Path:
    """Return our own Python where the packages are the same, else one of an environment that is kept."""
    lines, ours = (requirement_lines((root / "requirements.txt").read_text()) for root in (tree, ROOT))
    if lines == ours:
        return Path(sys.executable)
    say("  it needs other packages than ours")
    return install_venv("bin/bench", lines)
