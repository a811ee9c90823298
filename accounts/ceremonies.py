"""Challenges for passkeys: random, of five minutes, for one purpose, and bound to whom they were made for.

The server signs a challenge and keeps nothing: strangers may ask for any number. That one was answered is stored, under
the user whose passkey answered it, so that it is taken once.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.core import signing

from foundation.errors import Unauthenticated

_SALT = "accounts.ceremony"
SECONDS = 300
MAX_STATE_LENGTH = 600
_CHALLENGE_BYTES = 32
REGISTER, SIGN_IN, SECOND_FACTOR = "register", "sign_in", "second_factor"
_TOO_LATE = "That took too long: begin again."


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge, and what it is bound to: `user_id`; as `proof` a session's id or a password's mark; or nothing."""

    purpose: str
    challenge: bytes
    user_id: str = ""
    proof: str = ""

    @property
    def state(self) -> str:
        """Return what the client sends back with its answer; it says nothing that the challenge does not."""
        return signing.dumps([self.purpose, self.challenge.hex(), self.user_id, self.proof], salt=_SALT)

    @property
    def id(self) -> str:
        """Return the name under which it is stored that the challenge was answered."""
        return hashlib.sha256(self.challenge).hexdigest()[:32]


def begin(purpose: str, *, user_id: str = "", proof: str = "") -> Ceremony:
    return Ceremony(purpose, secrets.token_bytes(_CHALLENGE_BYTES), user_id, proof)


def resume(state: str, *purposes: str) -> Ceremony:
    """Return the ceremony of a state for one of these purposes; raises `Unauthenticated` for others, and too late."""
    try:
        purpose, challenge, user_id, proof = signing.loads(state, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Unauthenticated(_TOO_LATE) from error
    if purpose not in purposes:
        raise Unauthenticated(_TOO_LATE)
    return Ceremony(purpose, bytes.fromhex(challenge), user_id, proof)
