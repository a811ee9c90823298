"""AWS Signature Version 4 for the one kind of request that DynamoDB receives; pure functions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import time
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `token` is the session token of temporary credentials."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def sign(headers: dict[str, str], body: bytes, credentials: Credentials, region: str, timestamp: int) -> dict[str, str]:
    """Return the headers plus those that sign the request: `x-amz-date`, `authorization`, and a session token if any.

    `headers` are those of a POST to `/`, with lower-case names; `timestamp` is in seconds since 1970.
    """
    amz_date = _format_date(timestamp)
    signed = {**headers, "x-amz-date": amz_date}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    names = sorted(signed)
    canonical_headers = "".join(f"{name}:{signed[name]}\n" for name in names)
    signed_headers = ";".join(names)
    canonical_request = f"POST\n/\n\n{canonical_headers}\n{signed_headers}\n{sha256(body).hexdigest()}"
    scope = f"{amz_date[:8]}/{region}/dynamodb/aws4_request"
    string_to_sign = f"AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{sha256(canonical_request.encode()).hexdigest()}"
    signature = _hmac(_signing_key(credentials.secret_key, amz_date[:8], region), string_to_sign).hex()
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )
    return signed


@lru_cache(maxsize=8)
def _format_date(timestamp: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(timestamp))


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    """Return the derived key, which is the same for all requests of one day (UTC)."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
