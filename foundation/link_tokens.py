"""The tokens of links: `<id>.<secret>`, random, shown once, stored as a digest alone; the id names its row."""

import hashlib
import hmac
import secrets

_SECRET_BYTES = 32
MAX_LENGTH = 200


def new_token(link_id: str) -> str:
    return f"{link_id}.{secrets.token_urlsafe(_SECRET_BYTES)}"


def id_of(token: str) -> str | None:
    """Return the id of the link that a token claims to be of, None if it is none."""
    link_id, dot, secret = token.partition(".")
    fits = dot and link_id and secret and len(token) <= MAX_LENGTH and token.isascii() and token.isprintable()
    return link_id if fits else None


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def is_token_of(token: str, digest: str | None) -> bool:
    """Return whether the digest is the token's; None, of a link that there is not, takes as long."""
    return hmac.compare_digest(digest_of(token), digest or digest_of("")) and digest is not None
