"""A trial, where anybody signs in under any name, answers this machine alone."""

import httpx
import pytest
from django.conf import settings as conf
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory
from pytest_django import Settings

from chatproject.trial import ThisMachineOnly
from tests.serving import serving


async def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the page")


@pytest.mark.parametrize("peer", ["192.0.2.1", "10.0.0.7", "2001:db8::1", "::ffff:192.0.2.1", "nonsense"])
async def test_another_machine_is_refused(peer: str) -> None:
    request = AsyncRequestFactory().get("/sign-in")
    request.META["REMOTE_ADDR"] = peer
    with pytest.raises(PermissionDenied):
        await ThisMachineOnly(page)(request)


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
async def test_this_machine_is_served(peer: str) -> None:
    request = AsyncRequestFactory().get("/sign-in")
    request.META["REMOTE_ADDR"] = peer
    assert (await ThisMachineOnly(page)(request)).status_code == 200


@pytest.mark.parametrize("passed_on", ["192.0.2.1", "127.0.0.1, 192.0.2.1", "192.0.2.1, 127.0.0.1", "nonsense"])
async def test_another_machine_is_refused_behind_a_proxy(passed_on: str) -> None:
    request = AsyncRequestFactory().get("/sign-in")
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": passed_on}
    with pytest.raises(PermissionDenied):
        await ThisMachineOnly(page)(request)


def test_every_request_passes_it_first() -> None:
    # Before it is only what adds a header to every answer, its refusals too.
    assert conf.MIDDLEWARE[:2] == ["web.content_security.content_security", "chatproject.trial.ThisMachineOnly"]


async def test_a_proxy_passes_nothing_on_for_another_machine() -> None:
    async with serving({}) as server, httpx.AsyncClient(base_url=server.url) as client:
        for path in ("/sign-in", "/api/health/live", "/api/groups", "/static/web/css/base.css"):
            passed_on = await client.get(path, headers={"X-Forwarded-For": "192.0.2.1"})
            assert passed_on.status_code == 403, path
            assert (await client.get(path)).status_code in (200, 401)


def test_it_is_not_there_where_clerk_signs_people_in(settings: Settings) -> None:
    settings.SIGN_IN = "clerk"
    with pytest.raises(MiddlewareNotUsed):
        ThisMachineOnly(page)
