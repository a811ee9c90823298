"""Which engines are used, and where their addresses are kept."""

import stat
from pathlib import Path

import environ
import pytest

from bin.local import addresses
from bin.local.checkout import load_env_file
from bin.local.engines import ENGINES, named_engines

pytestmark = pytest.mark.unit


def test_only_engines_that_are_named_count_as_named() -> None:
    environment = {"REDIS_URL": "redis://elsewhere:6379/1", "MONGODB_URI": "", "HOME": "/root"}

    assert named_engines(environment) == {"REDIS_URL": "redis://elsewhere:6379/1"}


def test_the_tests_ignore_the_engines_a_developer_works_with() -> None:
    environment = {"REDIS_URL": "redis://mine:6379/0", "TEST_DYNAMODB_URL": "http://spare:8000"}

    assert named_engines(environment, prefix="TEST_") == {"DYNAMODB_URL": "http://spare:8000"}


def test_engines_are_reached_on_loopback_only() -> None:
    assert all("//127.0.0.1:4711" in engine.url(4711) for engine in ENGINES)


def test_written_addresses_are_read_back_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ".engines" / "addresses.json"
    addresses.write({"MONGODB_URI": "mongodb://me:secret@db/chat"}, path)

    assert addresses.read(path) == {"MONGODB_URI": "mongodb://me:secret@db/chat"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_there_are_no_addresses_when_nothing_runs(tmp_path: Path) -> None:
    path = tmp_path / "addresses.json"
    addresses.write({"REDIS_URL": "redis://x"}, path)
    addresses.remove(path)
    addresses.remove(path)

    assert addresses.read(path) == {}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What stands in for the process's environment."""
    made: dict[str, str] = {"PORT": "5000"}
    monkeypatch.setattr(environ.Env, "ENVIRON", made)
    return made


def test_the_env_file_adds_to_the_environment_and_never_overrides_it(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nPORT=4000\nexport WORKERS=2\nSECRET_KEY='a=b # c'\n#HOST=0.0.0.0\nnonsense\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    load_env_file()

    assert environment == {"PORT": "5000", "WORKERS": "2", "SECRET_KEY": "a=b # c"}


def test_the_env_file_need_not_exist(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENV_FILE", str(tmp_path / ".env"))
    load_env_file()

    assert environment == {"PORT": "5000"}
