"""A server starts only with settings that make sense; otherwise one list says everything that is wrong with them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from bin.local.engines import NO_ENGINES
from bin.local.ready import free_port
from bin.local.serve import DIRECT_WEBSOCKETS, GUARDED_HTTP
from bin.local.sign_in import name_sign_in
from chatproject.configuration import find_problems, is_loopback
from tests.users.issuer import Issuer

ROOT = Path(__file__).parents[2]
SAFE_ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
CLERK = {"SIGN_IN": "clerk", "CLERK_ISSUER": "https://clerk.example", "SECRET_KEY": "x" * 50}


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python without any engine and with these settings alone."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**SAFE_ENVIRONMENT, **NO_ENGINES, "ENV_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def check(**environment: str) -> "subprocess.CompletedProcess[str]":
    return run("manage.py", "check", **environment)


def test_a_server_that_is_not_told_who_may_sign_in_refuses_to_start() -> None:
    refused = check(PUBLIC_URL="https://chat.example", ALLOWED_HOSTS="chat.example", SECRET_KEY="x" * 50)
    assert refused.returncode != 0
    assert "SIGN_IN is not set" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"SIGN_IN": "trial"},
        CLERK,
        {**CLERK, "PUBLIC_URL": "https://chat.example"},
        {"SIGN_IN": "accounts"},
        {"SIGN_IN": "accounts", "PUBLIC_URL": "http://127.0.0.1:8000"},
        {"SIGN_IN": "accounts", "PUBLIC_URL": "https://chat.example", "HOST": "0.0.0.0", "DEBUG": "0"},  # noqa: S104
    ],
)
def test_a_server_with_what_it_needs_starts(environment: dict[str, str]) -> None:
    started = check(**environment)
    assert started.returncode == 0, started.stderr


WRONG_GROUPS: list[Any] = [[], {"a": "group_1"}, {"a": [1]}, "a"]
OIDC = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "chat"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CLERK_ISSUER": "https://clerk.example"}, "CLERK_ISSUER"),
        ({"EMAIL_HOST": "mail.example", "DEFAULT_FROM_EMAIL": ""}, "EMAIL_FROM"),
        ({"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": True}, "EMAIL_USE_TLS"),
        ({"PUBLIC_URL": "http://chat.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://192.0.2.1:8000"}, "PUBLIC_URL"),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY"),
        ({"LOCAL_ISSUER_KEY": "not a key"}, "LOCAL_ISSUER_KEY"),
        ({"LOCAL_ISSUER_KEY": Issuer().pem().decode()}, "LOCAL_ISSUER_KEY"),
        ({"PASSKEY_DOMAIN": "example.org"}, "PASSKEY_DOMAIN"),
        ({"OIDC_ISSUER": "http://login.example", "OIDC_CLIENT_ID": "chat"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example"}, "OIDC_CLIENT_ID"),
        ({**OIDC, "OIDC_SCOPES": "email"}, "openid"),
        ({**OIDC, "OIDC_SCOPES": "openid", "OIDC_LINK_BY_EMAIL": True}, "OIDC_LINK_BY_EMAIL"),
        ({**OIDC, "OIDC_SCOPES": "openid", "OIDC_DOMAINS": ["example.org"]}, "OIDC_DOMAINS"),
        *(({**OIDC, "OIDC_GROUPS": wrong}, "OIDC_GROUPS") for wrong in WRONG_GROUPS),
    ],
)
def test_what_contradicts_accounts_is_named(settings: Settings, environment: dict[str, Any], named: str) -> None:
    settings.SIGN_IN, settings.ALLOWED_HOSTS = "accounts", ["chat.example"]
    assert find_problems() == []
    for name, value in environment.items():
        setattr(settings, name, value)
    (problem,) = find_problems()
    assert named in problem


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"HOST": "0.0.0.0"}, "HOST"),  # noqa: S104
        ({"HOST": "192.0.2.1"}, "HOST"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ["localhost", "chat.example"]}, "ALLOWED_HOSTS"),
        ({"PUBLIC_URL": "https://chat.example"}, "PUBLIC_URL"),
        ({"CLERK_ISSUER": "https://clerk.example"}, "CLERK_ISSUER"),
        ({"CLERK_JWT_KEY": "some key"}, "CLERK_JWT_KEY"),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_a_trial_is_for_this_machine_alone_whatever_debug_is(
    settings: Settings, environment: dict[str, Any], named: str, debug: bool
) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, ["localhost"]
    assert find_problems() == []
    for name, value in environment.items():
        setattr(settings, name, value)
    (problem,) = find_problems()
    assert named in problem


def test_one_list_names_everything_and_shows_no_address() -> None:
    refused = check(
        SIGN_IN="clerk",
        STORE_TIMEOUT="abc",
        MAX_FILE_BYTES="-1",
        MAX_CONTENT_LENGTH="0",
        DEBUG="maybe",
        PING_INTERVAL="nan",
        CHANNEL_LAYER_CONFIG="{",
        PUBLIC_URL="chat.example",
        ALLOWED_ORIGINS="*",
        REDIS_URL="http://:hunter2-secret@10.0.0.1",
        MONGODB_URI="",
    )
    assert refused.returncode != 0
    lines = [line for line in refused.stderr.splitlines() if line.startswith("  - ")]
    for name in (
        *("CLERK_ISSUER", "STORE_TIMEOUT", "MAX_FILE_BYTES", "MAX_CONTENT_LENGTH", "DEBUG", "PING_INTERVAL"),
        *("CHANNEL_LAYER_CONFIG", "PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL", "MONGODB_URI", "SECRET_KEY"),
    ):
        assert any(name in line for line in lines), (name, lines)
    assert "hunter2" not in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_uvicorn_ends_with_the_list_too(workers: str) -> None:
    options = ("--port", str(free_port()), "--workers", workers, *GUARDED_HTTP, *DIRECT_WEBSOCKETS)
    refused = run("-m", "uvicorn", "chatproject.asgi:application", *options, SIGN_IN="trial", STORE_TIMEOUT="abc")
    assert "STORE_TIMEOUT=abc is not a number." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_engine_that_is_down_is_named_without_a_traceback() -> None:
    refused = run("manage.py", "create_tables", SIGN_IN="trial")
    assert refused.returncode != 0
    for engine in ("redis", "dynamodb", "mongodb"):
        assert f"- {engine}: It " in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST", "a.localhost")),
        *(
            (host, False)
            for host in ("", "*", "192.0.2.1", "::", "10.0.0.1", "localhost.example", ".localhost.example")
        ),
    ],
)
def test_loopback_is_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://clerk.example/jwks", True),
        ("http://127.0.0.1:9/jwks", True),
        ("http://clerk.example/jwks", False),
        ("file:///etc/passwd", False),
    ],
)
def test_keys_are_fetched_over_https_or_loopback_only(settings: Settings, url: str, allowed: bool) -> None:
    settings.SIGN_IN, settings.CLERK_ISSUER, settings.CLERK_JWKS_URL = "clerk", "https://clerk.example", url
    settings.ALLOWED_HOSTS = ["localhost"]
    assert ("CLERK_JWKS_URL" not in "".join(find_problems())) is allowed


@pytest.mark.parametrize("pem", ["not a key", Issuer().pem().decode()[:-50]])
def test_a_key_that_is_none_is_named(settings: Settings, pem: str) -> None:
    settings.SIGN_IN, settings.CLERK_ISSUER, settings.CLERK_JWT_KEY = "clerk", "https://clerk.example", pem
    assert "CLERK_JWT_KEY" in "".join(find_problems())


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "trial"),
        ({"CLERK_ISSUER": "https://clerk.example"}, "clerk"),
        ({"SIGN_IN": "clerk"}, "clerk"),
        ({"SIGN_IN": "trial", "CLERK_ISSUER": "https://clerk.example"}, "trial"),
    ],
)
def test_bin_run_names_it_where_nobody_has(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], chosen: str
) -> None:
    for name in ("SIGN_IN", "CLERK_ISSUER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name_sign_in()
    assert os.environ["SIGN_IN"] == chosen
