"""What the settings say of the provider, and what is wrong with them."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from users.roles import ADMIN, GUEST, MEMBER

MADE, INVITED = "made", "invited"


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER)


def find_problems() -> Iterator[str]:
    """Yield a sentence for each problem: nobody could sign in, or somebody else would decide who may."""
    if not is_configured():
        return
    if not is_trusted(settings.OIDC_ISSUER):
        yield "OIDC_ISSUER must be an https address, or an http address of this machine."
    if not settings.OIDC_CLIENT_ID:
        yield "OIDC_ISSUER is set, but OIDC_CLIENT_ID is not: the provider gives one to this server."
    if "openid" not in settings.OIDC_SCOPES.split():
        yield "OIDC_SCOPES must have openid: without it there is no identity."
    if settings.OIDC_LINK_BY_EMAIL and "email" not in settings.OIDC_SCOPES.split():
        yield "OIDC_LINK_BY_EMAIL needs the scope email in OIDC_SCOPES."
    if not _is_mapping(settings.OIDC_GROUPS):
        yield 'OIDC_GROUPS must be JSON such as {"engineering": ["group_1", "group_2"]}.'
    if not _is_mapping_of_roles(settings.OIDC_ROLES):
        yield 'OIDC_ROLES must be JSON such as {"it": "admin", "partners": "guest"}: of admin, member and guest.'
    if settings.OIDC_DOMAINS and "email" not in settings.OIDC_SCOPES.split():
        yield "OIDC_DOMAINS needs the scope email in OIDC_SCOPES."


def _is_mapping(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(isinstance(ids, list) and all(isinstance(each, str) for each in ids) for ids in value.values())


def _is_mapping_of_roles(value: object) -> bool:
    # Owners are made by owners alone.
    return isinstance(value, dict) and all(role in (ADMIN, MEMBER, GUEST) for role in value.values())


def is_trusted(address: str) -> bool:
    """Return whether nobody between here and there can change what is said. Private networks are as good as any."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
