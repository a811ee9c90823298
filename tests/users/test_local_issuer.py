"""The local issuer: one key pair for all processes, tokens in Clerk's shape, and off in production."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from users import local_issuer, tokens
from users.keys import parse_jwks

ROOT = Path(__file__).parents[2]
PRINT_KID = """
import django, pathlib, sys
from django.conf import settings
django.setup()
settings.LOCAL_STATE_DIR = pathlib.Path(sys.argv[1])
from users import local_issuer
print(local_issuer.key_pair().kid)
"""


@pytest.fixture
def state_dir(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    settings.LOCAL_STATE_DIR = tmp_path / "state"
    local_issuer.key_pair.cache_clear()
    yield settings.LOCAL_STATE_DIR
    local_issuer.key_pair.cache_clear()


def test_workers_that_start_together_create_one_key_pair(tmp_path: Path) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "chatproject.settings"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT_KID, str(tmp_path / "new")],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    kids = {worker.communicate(timeout=60)[0].strip() for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
    assert len(kids) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["local-issuer.pem"]


def test_only_the_owner_may_read_the_key_file(state_dir: Path) -> None:
    local_issuer.key_pair()
    assert stat.S_IMODE((state_dir / "local-issuer.pem").stat().st_mode) == 0o600


def test_the_key_survives_a_restart(state_dir: Path) -> None:
    first = local_issuer.key_pair().kid
    local_issuer.key_pair.cache_clear()
    assert local_issuer.key_pair().kid == first


def test_the_error_of_a_damaged_key_file_says_what_to_do(state_dir: Path) -> None:
    state_dir.mkdir()
    (state_dir / "local-issuer.pem").write_text("")
    with pytest.raises(ImproperlyConfigured, match="remove it"):
        local_issuer.key_pair()


def test_the_jwks_has_the_public_key_only() -> None:
    (key,) = local_issuer.jwks()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert set(parse_jwks(json.dumps(local_issuer.jwks()).encode())) == {local_issuer.key_pair().kid}


async def test_a_token_has_clerks_shape_and_is_verified_alike() -> None:
    token = local_issuer.issue_token("user_1", "Alice", 60, origin="http://127.0.0.1:3000")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {
        "iss",
        "sub",
        "sid",
        "azp",
        "iat",
        "nbf",
        "exp",
        "auth_time",
        "jti",
        "v",
        "sts",
        "fva",
        "name",
    }
    assert (claims["v"], claims["sts"], claims["exp"] - claims["iat"]) == (2, "active", 60)
    assert jwt.get_unverified_header(token)["kid"] == local_issuer.key_pair().kid
    assert (await tokens.verify(local_issuer.issue_token("user_1", "Alice", 60))).name == "Alice"
