"""All services are known: each is administrative, and its note is tested, or it is named with why it is none."""

from pathlib import Path

import pytest

from bin.local.checkout import ROOT
from tests.accounts import administrative as accounts
from tests.test_architecture import APPS

from . import administrative
from .attempts import public_services
from .not_administrative import COMMANDS, NOT_ADMINISTRATIVE

pytestmark = pytest.mark.unit

NOTED = {**administrative.ADMINISTRATIVE, **accounts.ADMINISTRATIVE}


def test_every_service_is_noted_or_named_with_a_reason() -> None:
    found = public_services(packages=APPS)
    assert sorted(found - NOTED.keys() - NOT_ADMINISTRATIVE.keys()) == []
    assert sorted((NOTED.keys() | NOT_ADMINISTRATIVE.keys()) - found) == [], "these are there no more"
    assert sorted(NOTED.keys() & NOT_ADMINISTRATIVE.keys()) == []


def test_every_command_is_known() -> None:
    paths = [path for app in (*APPS, "chatproject") for path in (ROOT / app / "management" / "commands").glob("*.py")]
    assert sorted(path.stem for path in paths if path.stem != "__init__") == sorted(COMMANDS)


def test_a_new_service_is_found(tmp_path: Path) -> None:
    (tmp_path / "groups" / "services").mkdir(parents=True)
    text = "async def archive_group() -> None: ...\ndef _hidden() -> None: ...\n"
    (tmp_path / "groups" / "services" / "archiving.py").write_text(text)
    (tmp_path / "groups" / "selectors.py").write_text(text)
    assert public_services(tmp_path, packages=["groups"]) == {"groups.services.archiving.archive_group"}
