"""Encrypts what a push carries for one browser alone: push services see its length, and nothing else (RFC 8291)."""

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from foundation import base64url

# What every push service takes is 4,096 bytes, encrypted.
MAX_PAYLOAD = 3_000
_POINT, _SECRET = 65, 16


def problem_of_keys(public_key: str, secret: str) -> dict[str, list[str]]:
    """Return what is wrong with the keys of a subscription, by their names on the wire."""
    problems: dict[str, list[str]] = {}
    try:
        point = decode(public_key)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if len(point) != _POINT:
            raise ValueError
    except ValueError:
        problems["p256dh"] = ["This is no public key on P-256, as base64url."]
    try:
        if len(decode(secret)) != _SECRET:
            raise ValueError
    except ValueError:
        problems["auth"] = ["This is no secret of 16 bytes, as base64url."]
    return problems


def encrypt(payload: bytes, *, public_key: str, secret: str) -> bytes:
    """Return the body of a push, in the coding `aes128gcm`, by a key pair of its own."""
    body: bytes = http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decode(public_key),
        auth_secret=decode(secret),
        version="aes128gcm",
    )
    return body


def decode(text: str) -> bytes:
    """Return the bytes of base64url, with or without padding; raises `ValueError`."""
    return base64url.decode(text.rstrip("="))
