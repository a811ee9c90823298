"""Credentials on AWS come from botocore's chain and are refreshed before they expire."""

import asyncio
import datetime
import runpy
import threading
from typing import Any

import pytest
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import BotoCoreError, CredentialRetrievalError
from django.conf import settings

from dynamodb import store
from dynamodb.credentials import BotocoreCredentialsProvider
from dynamodb.errors import NoResponse
from dynamodb.greenlets import LoopConnection
from dynamodb.signing import Credentials

from .endpoint import scripted, until

pytestmark = pytest.mark.unit


class Role:
    """A role whose credentials are valid for some minutes; each refresh issues new ones once the gate is open."""

    def __init__(self, minutes: float) -> None:
        self.minutes = minutes
        self.issued = 0
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()
        self.source = RefreshableCredentials.create_from_metadata(self.issue(), self._refresh, "a role")

    def issue(self) -> dict[str, str]:
        self.issued += 1
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=self.minutes)
        return {
            "access_key": f"key {self.issued}",
            "secret_key": "secret",
            "token": f"token {self.issued}",
            "expiry_time": until.isoformat(),
        }

    def _refresh(self) -> dict[str, str]:
        self.gate.wait(10)
        if self.fails:
            raise CredentialRetrievalError(provider="a role", error_msg="not now")
        return self.issue()


async def current_key(provider: BotocoreCredentialsProvider) -> str:
    return (provider.current() or await provider.refresh()).access_key


async def test_credentials_that_never_expire_are_fetched_once() -> None:
    provider = BotocoreCredentialsProvider(BotocoreCredentials("key", "secret"))
    assert provider.current() is None
    assert await provider.refresh() == Credentials("key", "secret", None) == provider.current()


async def test_a_roles_credentials_have_a_token() -> None:
    provider = BotocoreCredentialsProvider(Role(60).source)
    assert await provider.refresh() == Credentials("key 1", "secret", "token 1")


async def test_a_refresh_in_time_delays_no_request() -> None:
    role = Role(60)
    provider = BotocoreCredentialsProvider(role.source)
    assert await current_key(provider) == "key 1"
    role.source._expiry_time -= datetime.timedelta(minutes=48)
    role.gate.clear()
    assert await current_key(provider) == "key 1"
    role.gate.set()
    await until(lambda: provider.current() == Credentials("key 2", "secret", "token 2"))


async def test_expired_credentials_are_refreshed_once_for_all_waiters() -> None:
    role = Role(60)
    provider = BotocoreCredentialsProvider(role.source)
    await provider.refresh()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    assert set(await asyncio.gather(*(current_key(provider) for _ in range(10)))) == {"key 2"}
    assert role.issued == 2


async def test_a_cancelled_waiter_does_not_cancel_the_refresh_of_the_others() -> None:
    role = Role(60)
    provider = BotocoreCredentialsProvider(role.source)
    await provider.refresh()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    role.gate.clear()
    cancelled, other = (asyncio.create_task(current_key(provider)) for _ in range(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    role.gate.set()
    assert await other == "key 2"


async def test_a_failed_refresh_is_raised_and_the_next_one_tries_again() -> None:
    role = Role(60)
    provider = BotocoreCredentialsProvider(role.source)
    await provider.refresh()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    role.fails = True
    with pytest.raises(BotoCoreError):
        await provider.refresh()
    role.fails = False
    assert await current_key(provider) == "key 2"


async def test_new_credentials_that_have_expired_already_count_as_no_response() -> None:
    role = Role(-1)
    with pytest.raises(NoResponse):
        await BotocoreCredentialsProvider(role.source).refresh()


async def test_missing_credentials_are_an_error() -> None:
    with pytest.raises(BotoCoreError, match="credentials"):
        await BotocoreCredentialsProvider(None).refresh()


async def test_the_session_token_of_keys_from_the_environment_is_sent_and_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted() as endpoint:
        # The next call makes a new client.
        await store.close()
        store._endpoint_and_credentials.cache_clear()
        monkeypatch.setattr(store.TableMeta, "host", endpoint.url)
        monkeypatch.setattr(store.TableMeta, "aws_session_token", "temporary")
        await store.call(lambda: store.connection().dispatch("GetItem", {}))
        await store.close()
        store._endpoint_and_credentials.cache_clear()
        (request,) = endpoint.requests
    assert "x-amz-security-token: temporary\r\n" in request.head
    assert "x-amz-security-token" in request.head.partition("SignedHeaders=")[2].partition(",")[0]


@pytest.mark.parametrize(
    ("environment", "token"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SESSION_TOKEN": "temporary"}, "temporary"),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, None),
        # The token of another key.
        ({"AWS_SESSION_TOKEN": "temporary"}, None),
        # The chain finds it.
        ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SESSION_TOKEN": "temporary", "DYNAMODB_URL": "aws"}, None),
    ],
)
def test_the_session_token_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], token: str | None
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"ENV_FILE": "/dev/null", "DYNAMODB_URL": "http://127.0.0.1:8000", **environment}.items():
        monkeypatch.setenv(name, value)
    path = str(settings.BASE_DIR / "chatproject" / "settings.py")
    assert runpy.run_path(path)["DYNAMODB_SESSION_TOKEN"] == token


async def test_on_aws_the_endpoint_and_the_credentials_are_botocores(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = LoopConnection(region="eu-central-1")
    monkeypatch.setattr(store.TableMeta, "host", None)
    monkeypatch.setattr(store, "connection", lambda: connection)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "*")
    resolve: Any = store._endpoint_and_credentials
    endpoint, source = await asyncio.to_thread(resolve.__wrapped__)
    assert (endpoint.address, endpoint.port) == ("dynamodb.eu-central-1.amazonaws.com", 443)
    assert endpoint.host == "dynamodb.eu-central-1.amazonaws.com"
    assert endpoint.tls.check_hostname
    assert await BotocoreCredentialsProvider(source).refresh() == Credentials("AKIA", "secret", None)
