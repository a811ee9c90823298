"""Signing in by the page's form, over plain HTTP, as a browser without script does."""

import re

import httpx


def csrf(client: httpx.Client, path: str = "/sign-in") -> dict[str, str]:
    """Return the field that a form of this page has."""
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', client.get(path).text)
    assert token
    return {"csrfmiddlewaretoken": token[1]}


def sign_in(client: httpx.Client, name: str, next_path: str = "/") -> httpx.Response:
    return client.post("/sign-in", data={"name": name, "next": next_path, **csrf(client)})
