"""Hostile requests to the pages, forms, uploads and files of a running server: refused, briefly, and harmless."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from django.urls import get_resolver, resolve

from tests.workspace.cast import person_of
from users.roles import ADMIN

from .corpus import accounts, administration, notifications, pages, plans, requests, uploads
from .stage import Stage, attacked


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with attacked(tmp_path_factory.mktemp("corpus") / "log") as stage:
        yield stage


@pytest.fixture
async def fresh_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """One on which nothing was edited yet: a form says which version it edits."""
    async with attacked(tmp_path / "log") as stage:
        yield stage


@pytest.mark.unit
def test_the_corpus_has_every_door_of_the_web_chat() -> None:
    doors = {name for name in get_resolver("web.urls").reverse_dict if isinstance(name, str)}
    corpus = [*pages.fields(), *pages.whole_forms(), *pages.pages(), *accounts.forms(), *accounts.pages()]
    corpus += [*administration.forms(), *administration.pages(), *notifications.forms(), *notifications.pages()]
    corpus += [*plans.forms(), *plans.pages()]
    assert doors - {resolve(request.path.partition("?")[0]).url_name for request in corpus} == set()


async def test_what_is_not_hostile_is_taken(fresh_stage: Stage) -> None:
    """The corpus is made of these: were they refused, it would prove nothing."""
    forms = [*pages.good_forms(), *uploads.good_uploads()]
    forms += [*pages.good_forms(plans.FORMS), *pages.good_forms(notifications.FORMS)]
    answers = {request.title: (await fresh_stage.send(request)).status for request in forms}
    refused = {title.removesuffix(" good"): status for title, status in answers.items() if status >= 400}
    # Forms about what is not there, of an owner who cannot leave, and without a file.
    assert refused == {
        "/groups/$group/invitations/invite_1/revoke": 404,
        "/groups/$group/invitations/withdraw": 404,
        "/invite": 404,
        "/groups/$group/members/remove": 404,
        "/groups/$group/members/role": 404,
        "/groups/$group/messages/$other/delete": 404,
        "/groups/$group/messages?files": 400,
        "/groups/$other/leave": 403,
        "/groups/$other/delete": 400,
        "/groups/$group/picture": 400,
        "/teams": 403,
        **{f"/teams/team:x/{act}": 404 for act in ("change", "delete", "add", "remove", "role")},
        **{f"/profile/blocked/{act}": 404 for act in ("add", "remove")},
        "/profile/picture": 400,
        **dict.fromkeys(("/planned/x/change", "/planned/x/cancel", "/reminders/x/cancel"), 404),
        **{f"/notifications/{act}": 404 for act in ("devices/remove", "test")},
    }
    fresh_stage.check()


async def test_fields_of_forms(stage: Stage) -> None:
    await stage.attempt(pages.fields())


async def test_whole_forms(stage: Stage) -> None:
    await stage.attempt(pages.whole_forms())


async def test_pages(stage: Stage) -> None:
    await stage.attempt(pages.pages())


async def test_ids_without_end(stage: Stage) -> None:
    paths = [*pages.PAGES, *plans.PAGES, *notifications.PAGES]
    await stage.attempt(pages.with_long_ids(pages.FORMS + plans.FORMS + notifications.FORMS, paths))


async def test_administration(tmp_path: Path) -> None:
    """An administrator's browser may be made to send anything too."""
    async with attacked(tmp_path / "log", arrive=lambda _: person_of(ADMIN)) as stage:
        await stage.attempt(administration.forms())
        await stage.attempt(administration.pages())


async def test_notifications(stage: Stage) -> None:
    await stage.attempt(notifications.forms())
    await stage.attempt(notifications.pages())


async def test_plans_and_searches(stage: Stage) -> None:
    await stage.attempt(plans.forms())
    await stage.attempt(plans.pages())
    await stage.attempt(plans.requests())


async def test_addresses(stage: Stage) -> None:
    await stage.attempt(requests.addresses())


async def test_headers(stage: Stage) -> None:
    await stage.attempt(requests.headers())


async def test_uploads(stage: Stage) -> None:
    await stage.attempt(uploads.uploads())
