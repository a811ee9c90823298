"""Our signature is botocore's, for every request that DynamoDB takes."""

import datetime

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from dynamodb.signing import Keys, signed_headers

pytestmark = pytest.mark.unit

URL = "https://dynamodb.eu-central-1.amazonaws.com/"
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def by_botocore(keys: Keys, region: str, second: int, headers: dict[str, str], body: bytes) -> dict[str, str]:
    request = AWSRequest("POST", URL, headers=headers, data=body)
    present = datetime.datetime.fromtimestamp(second, datetime.UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: present)
        credentials = ReadOnlyCredentials(keys.access_key, keys.secret_key, keys.token)
        botocore.auth.SigV4Auth(credentials, "dynamodb", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    keys=st.builds(Keys, plain, plain, st.none() | plain),
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"]),
    second=st.integers(0, 2**32),
    host=st.sampled_from(["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:8000", "[::1]:8000"]),
    body=st.binary(max_size=2000),
)
def test_it_is_botocores(keys: Keys, region: str, second: int, host: str, body: bytes) -> None:
    headers = {"host": host, "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.Query"}
    signed = signed_headers(keys, region, second, headers, body)
    assert signed == by_botocore(keys, region, second, headers, body)


def test_a_key_is_good_for_one_day_and_region_and_for_no_other_keys() -> None:
    headers = {"host": "here"}
    midnight = 1_800_000_000 // 86_400 * 86_400
    for keys in (Keys("a", "one"), Keys("a", "two")):
        for region in ("us-east-1", "eu-central-1"):
            for second in (midnight - 1, midnight):
                signed = signed_headers(keys, region, second, headers, b"")
                assert signed == by_botocore(keys, region, second, headers, b"")


def test_the_keys_do_not_show() -> None:
    assert repr(Keys("AKIA", "very secret", "token")) == "Keys(access_key='AKIA')"
