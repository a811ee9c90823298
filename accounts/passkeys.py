"""Passkeys (WebAuthn): what a browser is asked, and whether its answer proves what it claims. Nothing is stored."""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from . import relying_party
from .ceremonies import SECONDS, Ceremony
from .passkey_models import Passkey

logger = logging.getLogger(__name__)
_MAX_REASON = 200
# Of an answer, in characters; an attestation may have a chain of certificates.
MAX_LENGTH = 16_000
# Of a public key: RSA of 4096 bits fits. Larger ones would only make the server compute.
_MAX_KEY_BYTES = 600
_MAX_CREDENTIAL_BYTES = 1023
# Of a user's id, as the standard has it.
_MAX_HANDLE_BYTES = 64
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}
_REQUIRED, _PREFERRED = UserVerificationRequirement.REQUIRED, UserVerificationRequirement.PREFERRED
Options = dict[str, Any]


class Refused(Exception):
    """An answer that proves nothing. Why is logged: the words may be those of whoever sent it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey's key, as its authenticator has made it."""

    credential: str
    public_key: str
    sign_count: int
    transports: frozenset[str]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says of itself before anything is proven: whose passkey it is, and which."""

    user_id: str
    passkey_id: str


def id_of(credential: str) -> str:
    """Return the id of a passkey here: a credential's own, which authenticators choose, may be too long for a key."""
    return hashlib.sha256(base64url_to_bytes(credential)).hexdigest()[:40]


def registration_options(
    ceremony: Ceremony, *, user_id: str, login: str, name: str, known: Iterable[Passkey]
) -> Options:
    """Return what `navigator.credentials.create()` takes, as JSON: a passkey that knows its user, and verifies them."""
    options = webauthn.generate_registration_options(
        rp_id=relying_party.domain() or "",
        rp_name=relying_party.NAME,
        user_id=user_id.encode(),
        user_name=login,
        user_display_name=name,
        challenge=ceremony.challenge,
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return _as_json(options)


def request_options(ceremony: Ceremony, *, known: Iterable[Passkey] = ()) -> Options:
    """Return what `navigator.credentials.get()` takes, as JSON; without `known` the user chooses among all of theirs.

    As the only proof a passkey must have verified its user; after a password, that it is there is enough.
    """
    descriptors = _descriptors(known)
    options = webauthn.generate_authentication_options(
        rp_id=relying_party.domain() or "",
        challenge=ceremony.challenge,
        timeout=SECONDS * 1000,
        allow_credentials=descriptors,
        user_verification=_PREFERRED if descriptors else _REQUIRED,
    )
    return _as_json(options)


def verify_registration(answer: str, ceremony: Ceremony) -> Registered:
    """Return the key of a new passkey; raises `Refused`."""
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=ceremony.challenge,
            expected_rp_id=relying_party.domain() or "",
            expected_origin=relying_party.origins(),
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        transports = json.loads(answer)["response"].get("transports") or []
        known = frozenset(each for each in transports if isinstance(each, str)) & _TRANSPORTS
    # Whatever a stranger's bytes do to the parsers of CBOR, ASN.1 and certificates, they prove nothing.
    except Exception as error:
        raise _refused(error) from None
    if len(verified.credential_public_key) > _MAX_KEY_BYTES or len(verified.credential_id) > _MAX_CREDENTIAL_BYTES:
        raise _refused(ValueError("the key is too long"))
    return Registered(
        bytes_to_base64url(verified.credential_id),
        bytes_to_base64url(verified.credential_public_key),
        verified.sign_count,
        frozenset(known),
        verified.credential_backed_up,
    )


def read_claim(answer: str) -> Claim:
    """Return whose passkey an answer claims to be of; the user is empty where the answer does not say. Unproven.

    Raises `Refused`.
    """
    try:
        parsed = json.loads(answer)
        handle = base64url_to_bytes(parsed["response"].get("userHandle") or "")
        claim = Claim(handle.decode(), id_of(parsed["id"]))
        if len(handle) > _MAX_HANDLE_BYTES:
            raise ValueError("no user's id is as long")
    except Exception as error:
        raise _refused(error) from None
    return claim


def verify_answer(answer: str, ceremony: Ceremony, passkey: Passkey, *, alone: bool) -> int:
    """Return the count of signatures after this one; `alone`: it is the only proof. Raises `Refused`.

    A count that has not grown since the last time is refused: somebody may have a copy of the key. Passkeys that are
    kept by a password manager always say 0, which is taken.
    """
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=ceremony.challenge,
            expected_rp_id=relying_party.domain() or "",
            expected_origin=relying_party.origins(),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=alone,
        )
    except Exception as error:
        raise _refused(error) from None
    return verified.new_sign_count


def _descriptors(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential),
            transports=[AuthenticatorTransport(each) for each in sorted(passkey.transports)] or None,
        )
        for passkey in passkeys
    ]


def _as_json(options: Any) -> Options:
    parsed: Options = json.loads(webauthn.options_to_json(options))
    return parsed


def _refused(error: Exception) -> Refused:
    logger.info("A passkey was refused: %s", repr(error)[:_MAX_REASON])
    return Refused()
