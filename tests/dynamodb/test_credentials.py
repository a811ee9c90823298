"""Whose keys sign on AWS: those of botocore's chain, and new ones in time."""

import asyncio
import datetime
import threading
from typing import Any

import pytest
from botocore.credentials import Credentials as StaticCredentials
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import BotoCoreError, CredentialRetrievalError

from dynamodb import store
from dynamodb.credentials import ChainCredentials
from dynamodb.errors import NoResponse
from dynamodb.greenlets import LoopConnection
from dynamodb.signing import Keys

from .endpoint import until

pytestmark = pytest.mark.unit


class Role:
    """A role whose keys are good for some minutes; every renewal gives the next ones, once it is let through."""

    def __init__(self, minutes: float) -> None:
        self.minutes = minutes
        self.given = 0
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()
        self.source = RefreshableCredentials.create_from_metadata(self.keys(), self._renew, "a role")

    def keys(self) -> dict[str, str]:
        self.given += 1
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=self.minutes)
        return {
            "access_key": f"key {self.given}",
            "secret_key": "secret",
            "token": f"token {self.given}",
            "expiry_time": until.isoformat(),
        }

    def _renew(self) -> dict[str, str]:
        self.gate.wait(10)
        if self.fails:
            raise CredentialRetrievalError(provider="a role", error_msg="not now")
        return self.keys()


async def key_now(credentials: ChainCredentials) -> str:
    return (credentials.known() or await credentials.renewed()).access_key


async def test_keys_that_never_run_out_are_asked_for_once() -> None:
    credentials = ChainCredentials(StaticCredentials("key", "secret"))
    assert credentials.known() is None
    assert await credentials.renewed() == Keys("key", "secret", None) == credentials.known()


async def test_a_roles_keys_come_with_their_token() -> None:
    credentials = ChainCredentials(Role(60).source)
    assert await credentials.renewed() == Keys("key 1", "secret", "token 1")


async def test_nobody_waits_for_new_keys_as_long_as_the_old_ones_are_good() -> None:
    role = Role(60)
    credentials = ChainCredentials(role.source)
    assert await key_now(credentials) == "key 1"
    role.source._expiry_time -= datetime.timedelta(minutes=48)
    role.gate.clear()
    assert await key_now(credentials) == "key 1"
    role.gate.set()
    await until(lambda: credentials._renewal is None)
    assert await key_now(credentials) == "key 2"


async def test_keys_that_have_run_out_are_renewed_once_for_all_who_wait() -> None:
    role = Role(60)
    credentials = ChainCredentials(role.source)
    await credentials.renewed()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    assert set(await asyncio.gather(*(key_now(credentials) for _ in range(10)))) == {"key 2"}
    assert role.given == 2


async def test_one_who_goes_away_does_not_take_the_keys_from_the_others() -> None:
    role = Role(60)
    credentials = ChainCredentials(role.source)
    await credentials.renewed()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    role.gate.clear()
    impatient, patient = (asyncio.create_task(key_now(credentials)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    role.gate.set()
    assert await patient == "key 2"


async def test_a_role_that_gives_none_is_no_answer_and_is_asked_again() -> None:
    role = Role(60)
    credentials = ChainCredentials(role.source)
    await credentials.renewed()
    role.source._expiry_time -= datetime.timedelta(minutes=60)
    role.fails = True
    with pytest.raises(BotoCoreError):
        await credentials.renewed()
    await until(lambda: credentials._renewal is None)
    role.fails = False
    assert await key_now(credentials) == "key 2"


async def test_new_keys_that_are_old_already_are_no_answer() -> None:
    role = Role(-1)
    with pytest.raises(NoResponse):
        await ChainCredentials(role.source).renewed()


async def test_without_any_keys_that_is_said() -> None:
    with pytest.raises(BotoCoreError, match="credentials"):
        await ChainCredentials(None).renewed()


async def test_on_aws_the_endpoint_and_the_keys_are_botocores(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = LoopConnection(region="eu-central-1")
    monkeypatch.setattr(store.TableMeta, "host", None)
    monkeypatch.setattr(store, "connection", lambda: connection)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    service: Any = store._service
    endpoint, source = await asyncio.to_thread(service.__wrapped__)
    assert (endpoint.address, endpoint.port) == ("dynamodb.eu-central-1.amazonaws.com", 443)
    assert endpoint.host == "dynamodb.eu-central-1.amazonaws.com"
    assert endpoint.tls.check_hostname
    assert await ChainCredentials(source).renewed() == Keys("AKIA", "secret", None)
