"""Tests that failed beside others are found by their names, and run once more."""

import subprocess
import sys
from pathlib import Path

from bin.local.failed_tests import failed_tests

TESTS = """
import pytest

@pytest.mark.parametrize("value", ["a@b", "c"])
def test_of_values(value):
    assert value == "c"

def test_alone():
    raise OSError

@pytest.fixture
def broken():
    raise OSError

def test_whose_fixture_fails(broken):
    pass
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "--rootdir", str(folder), *arguments]
    # Without what the environment tells this run: its settings, and which worker it is.
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)


def test_failed_tests_are_found_whatever_worker_ran_them(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    cache = tmp_path / "cache"
    assert failed_tests(cache) == []
    run(tmp_path, "-n", "2", "--dist", "loadscope", "-o", f"cache_dir={cache}")
    failed = failed_tests(cache)
    names = ["test_alone", "test_of_values[a@b]", "test_whose_fixture_fails"]
    assert sorted(failed) == [f"test_some.py::{name}" for name in names]
    again = run(tmp_path, *failed)
    assert "2 failed, 1 error" in again.stdout, again.stdout
