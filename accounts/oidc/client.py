"""This server as the provider's client: Authlib makes the requests and validates the claims; bounds are our own."""

import logging
from typing import Any

from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from foundation.errors import Unauthenticated
from users.keys import KeySet
from users.tokens import Verifier

from .fetching import ProviderAway, fetch
from .provider import Provider
from .requests import Visit, callback_address

logger = logging.getLogger(__name__)
MAX_TOKEN_BYTES = 32 * 1024
_MAX_CODE_LENGTH = 4096
# What every provider signs by (OpenID Connect Core, 15.1). Nothing else: no "none", no secret that a key could be
# mistaken for.
RS256 = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
RS256.max_header_length = RS256.max_payload_length = MAX_TOKEN_BYTES
FORBIDDEN_HEADERS = frozenset(("crit", "b64"))
_ADDRESS = frozenset(("email", "email_verified"))
REFUSED = "The provider's answer proves nothing: begin again."
Claims = dict[str, Any]


class _Client(OAuth2Client):  # type: ignore[misc] # it has no types
    """Authlib's client over `fetch`."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(
            None,
            client_id=settings.OIDC_CLIENT_ID,
            client_secret=settings.OIDC_CLIENT_SECRET,
            token_endpoint_auth_method=provider.client_auth,
            scope=settings.OIDC_SCOPES,
            redirect_uri=callback_address(),
            code_challenge_method="S256",
        )

    async def _fetch_token(self, url: str, *, body: str, auth: Any, headers: Any, **_: Any) -> Claims:
        url, headers, body = auth.prepare("POST", url, dict(headers), body)
        status, answer = await fetch("POST", url, headers=headers, body=body)
        if status != 200:
            # Such as a code that was used before: its words are the provider's.
            logger.info("The provider refuses a code: %r", str(answer.get("error"))[:100])
            raise Unauthenticated(REFUSED)
        return answer


def authorization_address(provider: Provider, visit: Visit) -> str:
    """Return where the browser is sent."""
    address, _ = _Client(provider).create_authorization_url(
        provider.authorization_endpoint, state=visit.state, code_verifier=visit.verifier, nonce=visit.nonce
    )
    return str(address)


async def fetch_claims(provider: Provider, visit: Visit, code: str) -> tuple[Claims, frozenset[str]]:
    """Return the claims of who came back with this code, and the scopes of OIDC_SCOPES that were not granted.

    None is where the provider does not say. Raises `Unauthenticated`, `ProviderAway`.
    """
    if len(code) > _MAX_CODE_LENGTH:
        raise Unauthenticated(REFUSED)
    tokens = await _Client(provider).fetch_token(
        provider.token_endpoint,
        grant_type="authorization_code",
        code=code,
        code_verifier=visit.verifier,
        redirect_uri=callback_address(),
    )
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise Unauthenticated(REFUSED)
    claims = await verified(id_token, provider.keys, nonce=visit.nonce, access_token=access_token)
    return merged(claims, await _more_claims(provider, access_token, claims["sub"])), _left_out(tokens.get("scope"))


def _left_out(granted: object) -> frozenset[str]:
    return frozenset(settings.OIDC_SCOPES.split()) - set(granted.split()) if isinstance(granted, str) else frozenset()


def merged(told: Claims, more: Claims) -> Claims:
    """Return the claims of a token with those that are told apart from it.

    Whether an address is verified is taken from where that address is: the other may mean another one.
    """
    both = {**more, **told}
    whole = next((claims for claims in (told, more) if claims.keys() >= _ADDRESS), None)
    rest = {name: value for name, value in both.items() if whole or name != "email_verified"}
    return rest | {name: whole[name] for name in _ADDRESS if whole}


async def verified(id_token: str, keys: KeySet, *, nonce: str, access_token: str) -> Claims:
    """Return the claims of a token of the provider for this server; raises `Unauthenticated`, `Unavailable`.

    `Verifier.find_key` reads the `kid` and fetches keys that are not known yet, seldom and never twice at a time.
    """
    verifier = Verifier(settings.OIDC_ISSUER, frozenset(), keys, settings.TOKEN_LEEWAY)
    try:
        key = await verifier.find_key(id_token, max_bytes=MAX_TOKEN_BYTES)
        token = jwt.decode(id_token, key, registry=RS256)
        if FORBIDDEN_HEADERS & token.header.keys():
            raise ValueError("a forbidden header parameter")
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": settings.OIDC_ISSUER},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
                "exp": {"essential": True},
            },
            params={"nonce": nonce, "client_id": settings.OIDC_CLIENT_ID, "access_token": access_token},
        )
        claims.validate(leeway=settings.TOKEN_LEEWAY)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ValueError("sub is no text")
    # Whatever the bytes of somebody else do to the parsers, they prove nothing.
    except (Unauthenticated, JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        logger.warning("An ID token was refused: %s", repr(error)[:200])
        raise Unauthenticated(REFUSED) from error
    return dict(claims)


async def _more_claims(provider: Provider, access_token: str, subject: str) -> Claims:
    """Return what the provider says of the user apart from the token: many say there who somebody is only."""
    if provider.userinfo_endpoint is None:
        return {}
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    if not access_token.isascii() or not access_token.isprintable():
        raise Unauthenticated(REFUSED)
    status, claims = await fetch("GET", provider.userinfo_endpoint, headers=headers)
    if status != 200:
        raise ProviderAway
    if claims.get("sub") != subject:
        # As OpenID Connect Core has it (5.3.2): it may be another's.
        raise Unauthenticated(REFUSED)
    return claims
