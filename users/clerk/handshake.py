"""Clerk's handshake: what a browser brings back from Clerk, where it was sent with an expired cookie."""

import re
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any

from joserfc import jwt
from joserfc.jws import JWSRegistry

from foundation.errors import Unauthenticated
from users import tokens

# It has several session tokens in it.
_MAX_BYTES = 32 * 1024
_MAX_COOKIES = 20
_RS256 = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
# Clerk's own cookies; whatever else is there, this server sets no other.
_NAME = re.compile(r"__(session|client_uat|refresh|clerk_db_jwt)(_[A-Za-z0-9_-]{1,32})?")
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")
_ATTRIBUTES = {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly"}


@dataclass(frozen=True, slots=True)
class HandshakeCookie:
    """A cookie that Clerk has this server set; `attributes` are those of `Set-Cookie`, by name in lower case."""

    name: str
    value: str
    attributes: dict[str, str | bool]

    def write(self, morsel: "Morsel[str]") -> None:
        for attribute, value in self.attributes.items():
            morsel[attribute] = value


async def read_handshake(token: str) -> list[HandshakeCookie]:
    """Return the cookies of a handshake that Clerk has signed; raises `Unauthenticated` or `Unavailable`."""
    key = await tokens.configured_verifier().find_key(token, max_bytes=_MAX_BYTES)
    try:
        directives = jwt.decode(token, key, registry=_RS256).claims["handshake"]
        if not isinstance(directives, list) or len(directives) > _MAX_COOKIES:
            raise TypeError("the handshake is no list of cookies")
        return [cookie for directive in directives if (cookie := _parse(directive))]
    # Any failure to parse hostile bytes rejects them.
    except Exception as error:
        raise Unauthenticated("The handshake is not Clerk's.") from error


def _parse(directive: Any) -> HandshakeCookie | None:
    """Return the cookie of a `Set-Cookie` header; None for a name that is not Clerk's, or a value that is none."""
    first, *rest = str(directive).split(";")
    name, _, value = (part.strip() for part in first.partition("="))
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        return None
    attributes: dict[str, str | bool] = {}
    for part in rest:
        attribute, has_value, text = (piece.strip() for piece in part.partition("="))
        if attribute.lower() in _ATTRIBUTES and text.isprintable():
            attributes[attribute.lower()] = text if has_value else True
    return HandshakeCookie(name, value, attributes)
