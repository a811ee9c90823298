"""Our signature equals botocore's for every request that DynamoDB receives."""

import datetime

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from dynamodb.signing import Credentials, sign

pytestmark = pytest.mark.unit

URL = "https://dynamodb.eu-central-1.amazonaws.com/"
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def sign_with_botocore(
    headers: dict[str, str], body: bytes, credentials: Credentials, region: str, at: int
) -> dict[str, str]:
    request = AWSRequest("POST", URL, headers=headers, data=body)
    now = datetime.datetime.fromtimestamp(at, datetime.UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        read_only = ReadOnlyCredentials(credentials.access_key, credentials.secret_key, credentials.token)
        botocore.auth.SigV4Auth(read_only, "dynamodb", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    credentials=st.builds(Credentials, plain, plain, st.none() | plain),
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"]),
    at=st.integers(0, 2**32),
    host=st.sampled_from(["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:8000", "[::1]:8000"]),
    body=st.binary(max_size=2000),
)
def test_the_signature_is_botocores(credentials: Credentials, region: str, at: int, host: str, body: bytes) -> None:
    headers = {"host": host, "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.Query"}
    signed = sign(headers, body, credentials, region, at)
    assert signed == sign_with_botocore(headers, body, credentials, region, at)


def test_signing_keys_are_cached_by_day_region_and_secret() -> None:
    headers = {"host": "here"}
    midnight = 1_800_000_000 // 86_400 * 86_400
    for credentials in (Credentials("a", "one"), Credentials("a", "two")):
        for region in ("us-east-1", "eu-central-1"):
            for at in (midnight - 1, midnight):
                signed = sign(headers, b"", credentials, region, at)
                assert signed == sign_with_botocore(headers, b"", credentials, region, at)


def test_the_repr_hides_secrets() -> None:
    assert repr(Credentials("AKIA", "very secret", "token")) == "Credentials(access_key='AKIA')"
