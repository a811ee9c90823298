"""AWS Signature Version 4 for the one kind of request that DynamoDB takes, as pure functions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import time
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs; `token` belongs to keys that were lent for a while."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def signed_headers(keys: Keys, region: str, second: int, headers: dict[str, str], body: bytes) -> dict[str, str]:
    """Return the headers with those that prove who sends them: `x-amz-date`, `authorization` and the keys' token.

    `headers` are those of a POST to `/`, with lower-case names; `second` is the time since 1970.
    """
    stamp = _stamp(second)
    signed = {**headers, "x-amz-date": stamp}
    if keys.token:
        signed["x-amz-security-token"] = keys.token
    names = sorted(signed)
    canonical = "".join(f"{name}:{signed[name]}\n" for name in names)
    names_signed = ";".join(names)
    request = f"POST\n/\n\n{canonical}\n{names_signed}\n{sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{region}/dynamodb/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = _mac(_day_key(keys.secret_key, stamp[:8], region), text).hex()
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, SignedHeaders={names_signed}, Signature={signature}"
    )
    return signed


@lru_cache(maxsize=8)
def _stamp(second: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


@lru_cache(maxsize=8)
def _day_key(secret_key: str, day: str, region: str) -> bytes:
    """Return the key of one day: good for every request until midnight."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
