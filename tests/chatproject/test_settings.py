"""Reading the settings leaves the disk alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bin.local.engines import NO_ENGINES

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that has the settings and nothing else: no state of an earlier run."""
    (tmp_path / "chatproject").mkdir()
    for name in ("__init__.py", "settings.py"):
        shutil.copy(ROOT / "chatproject" / name, tmp_path / "chatproject")
    shutil.copytree(ROOT / "foundation", tmp_path / "foundation")
    return tmp_path


def start(checkout: Path, name: str, **environment: str) -> "subprocess.Popen[str]":
    """Start a process that prints a setting."""
    code = f"from chatproject import settings; print(settings.{name})"
    command = [sys.executable, "-B", "-c", code]
    return subprocess.Popen(command, cwd=checkout, env=NO_ENGINES | environment, stdout=subprocess.PIPE, text=True)


def printed_by(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output.strip()


def test_reading_them_makes_no_file_and_no_folder(checkout: Path) -> None:
    before = sorted(checkout.rglob("*"))
    assert (
        printed_by(start(checkout, "SECRET_KEY", SIGN_IN="trial", SECRET_KEY="from the environment"))
        == "from the environment"
    )
    assert sorted(checkout.rglob("*")) == before


def test_processes_that_start_together_without_a_secret_key_make_one_and_keep_it(checkout: Path) -> None:
    keys = {printed_by(process) for process in [start(checkout, "SECRET_KEY", SIGN_IN="trial") for _ in range(3)]}
    assert keys == {printed_by(start(checkout, "SECRET_KEY", SIGN_IN="trial"))}
    assert len(*keys) == 50
    state = checkout / ".engines"
    assert [path.name for path in state.iterdir()] == ["secret-key"]
    assert (state / "secret-key").stat().st_mode & 0o777 == 0o600
