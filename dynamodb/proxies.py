"""Refuses an environment that demands an HTTP proxy: the client connects to the endpoint itself."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from django.core.exceptions import ImproperlyConfigured


def refuse_proxy(url: str) -> None:
    """Raise `ImproperlyConfigured` when the environment names a proxy for this URL; loopback needs none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    # botocore, which creates the tables, obeys these variables too, and no others.
    proxies = getproxies_environment()
    if parts.scheme not in proxies or _is_loopback(host) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return
    variable = f"{parts.scheme.upper()}_PROXY"
    raise ImproperlyConfigured(
        f"{variable} is set, but DynamoDB at {host} is reached without a proxy: "
        f"unset {variable}, or add {host} to NO_PROXY and let this machine connect to it directly."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
