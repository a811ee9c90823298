"""An older revision of the server: unpacked into a temporary folder, started by its own code, and removed again."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bench import revision
from bench.launcher import BASELINE, DIRECT, OURS, Launcher
from bench.revision import WORKING_TREE, Revision, checked_out, commit_of
from bin.local import serve
from bin.local.checkout import ROOT
from bin.local.console import UserError

ANOTHER_COMMAND = """
import os
class Listen:
    @classmethod
    def from_environment(cls):
        return os.environ["HOST"], os.environ["PORT"], os.environ["WORKERS"]
def command(listen):
    return ["another-server", *listen]
"""


FILE_SERVER = """
import os, sys
class Listen:
    @classmethod
    def from_environment(cls):
        return os.environ["PORT"]
def command(port):
    return [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
"""


def git(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of a server; the first is started by another command than ours."""
    (tmp_path / "bin" / "local").mkdir(parents=True)
    (tmp_path / "bin" / "local" / "serve.py").write_text(ANOTHER_COMMAND)
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    (tmp_path / "manage.py").write_text("import os, sys; print(*sys.argv[1:], os.environ['NAMESPACE'])")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "First")
    (tmp_path / "bin" / "local" / "serve.py").write_text("")
    git(tmp_path, "commit", "-qam", "Second")
    return tmp_path


def test_each_revision_is_started_by_its_own_command(repository: Path) -> None:
    with checked_out(commit_of("HEAD~1", repository), repository) as older:
        assert older.server_command("127.0.0.1", 4000) == ["another-server", "127.0.0.1", "4000", "1"]


def test_each_revision_runs_in_its_own_folder(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (repository / "bin" / "local" / "serve.py").write_text(FILE_SERVER)
    (repository / "manage.py").write_text('print(\'{"users": [], "groups": []}\')')
    git(repository, "commit", "-qam", "Third")
    with checked_out("HEAD", repository) as older:
        launcher = Launcher(
            {"DYNAMODB_URL": ""}, tmp_path_factory.mktemp("launcher"), {OURS: WORKING_TREE, BASELINE: older}
        )
        with launcher.running(BASELINE, (1, 1), store=DIRECT) as running:
            (pid,) = running.target.pids
            process = psutil.Process(pid)
            assert process.cwd() == str(older.root)
            assert process.cmdline()[1:3] == ["-m", "http.server"]


def test_ours_is_started_as_bin_run_starts_it() -> None:
    listen = serve.Listen("127.0.0.1", 4000, workers=1)
    assert WORKING_TREE.server_command(listen.host, listen.port) == serve.command(listen)


def test_tables_are_created_by_the_manage_py_of_the_revision(repository: Path) -> None:
    with checked_out(commit_of("HEAD", repository), repository) as older:
        assert older.manage(["create_tables"], {"NAMESPACE": "bench-x"}) == "create_tables bench-x\n"


def test_an_interrupted_run_leaves_nothing_behind(repository: Path) -> None:
    roots: list[Path] = []

    def interrupted() -> None:
        with checked_out("HEAD", repository) as older:
            roots.append(older.root)
            assert (older.root / "manage.py").is_file()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [root.exists() for root in roots] == [False]
    assert git(repository, "worktree", "list").count("\n") == 0
    assert git(repository, "status", "--porcelain") == ""


def test_the_error_of_a_revision_that_cannot_start_is_shown(repository: Path) -> None:
    with checked_out("HEAD", repository) as older, pytest.raises(UserError) as caught:
        older.server_command("127.0.0.1", 4000)
    assert "AttributeError" in "\n".join(caught.value.advice)


def test_an_unknown_revision_is_an_error() -> None:
    with pytest.raises(UserError, match="no-such-thing is not a commit"):
        commit_of("no-such-thing")


def test_a_revision_with_other_requirements_gets_its_own_environment(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[list[str]] = []

    def install_venv(command: str, lines: list[str]) -> Path:
        installed.append(lines)
        return Path(sys.executable)

    monkeypatch.setattr(revision, "install_venv", install_venv)
    with checked_out("HEAD", repository) as same:
        assert (same, installed) == (Revision(same.root, Path(sys.executable)), [])
    (repository / "requirements.txt").write_text("# older\npyjwt~=2.15\n")
    git(repository, "commit", "-qam", "Third")
    with checked_out("HEAD", repository):
        assert installed == [["pyjwt~=2.15"]]
