"""An authenticator in software: it makes passkeys and answers challenges as a browser passes them on, or wrongly."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from pytest_django import Settings

from accounts.services import passkey_sign_in, passkeys
from accounts.services.passkeys import PasskeyAdded
from accounts.services.sessions import SignedIn
from foundation.errors import SecondFactorRequired

from .cast import HERE, Member, member_in, sign_in

ORIGIN, DOMAIN = "https://chat.example.org", "chat.example.org"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftwareAuthenticator:
    """One passkey at most. What is said of pages and users may be replaced, to tell lies."""

    origin: str = ORIGIN
    domain: str = DOMAIN
    flags: int = PRESENT | VERIFIED
    # None: it never counts, as those of password managers do not.
    count: int | None = 0
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""

    def create(self, options: dict[str, Any], **changes: Any) -> str:
        """Return what `navigator.credentials.create()` returns, as JSON."""
        self.user = decoded(options["user"]["id"])
        key = self._cose_key()
        data = self._data(ATTESTED) + bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options, changes)
        response = {"clientDataJSON": encoded(client_data), "attestationObject": encoded(attestation)}
        return self._answer({**response, "transports": ["internal", "nonsense"]})

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """Return what `navigator.credentials.get()` returns, as JSON."""
        if self.count is not None:
            self.count += 1
        data, client_data = self._data(), self._client_data("webauthn.get", options, changes)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": encoded(client_data),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": encoded(self.user),
        }
        return self._answer({**response, **changes.get("response", {})})

    def _client_data(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps({**said, **changes.get("client_data", {})}).encode()

    def _data(self, flags: int = 0) -> bytes:
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([self.flags | flags]) + (self.count or 0).to_bytes(4, "big")

    def _cose_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def _answer(self, response: dict[str, Any]) -> str:
        credential = encoded(self.credential)
        return json.dumps({"id": credential, "rawId": credential, "type": "public-key", "response": response})


@pytest.fixture(autouse=True)
def a_domain(settings: Settings) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_ORIGINS = ORIGIN, [ORIGIN]


async def challenge_of(member: Member) -> str:
    with pytest.raises(SecondFactorRequired) as raised:
        await sign_in(member)
    return raised.value.challenge


async def add_passkey(member: Member, authenticator: SoftwareAuthenticator, name: str = "Phone") -> PasskeyAdded:
    offer = await passkeys.begin_passkey(actor=member.actor, password=member.password)
    credential = authenticator.create(offer.options)
    return await passkeys.add_passkey(
        actor=member.actor, state=offer.state, credential=credential, name=name, client=HERE
    )


async def with_passkey(member: Member, authenticator: SoftwareAuthenticator) -> tuple[Member, list[str]]:
    """Return the member in the session that begins with their first passkey, and the recovery codes."""
    added = await add_passkey(member, authenticator)
    assert added.session
    return await member_in(added.session, member.login), added.recovery_codes


async def sign_in_by(authenticator: SoftwareAuthenticator, **changes: Any) -> SignedIn:
    offer = await passkey_sign_in.begin_sign_in()
    credential = authenticator.get(offer.options, **changes)
    return await passkey_sign_in.sign_in(state=offer.state, credential=credential, client=HERE)
