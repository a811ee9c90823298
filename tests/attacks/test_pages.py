"""Pages and descriptions that cost much to make: bounded, off the event loop, or made once."""

import asyncio
import threading
from typing import Any

import pytest
from django.test import AsyncClient

from chatproject.asyncapi import views as asyncapi
from messaging.text.links import MAX_LINKS
from messaging.text.rendering import render
from tests.cast import Person
from web import languages


@pytest.mark.unit
def test_a_message_has_only_so_many_links() -> None:
    text = " ".join(f"https://e.example/{n}" for n in range(900))
    shown = render(text).filled({})
    assert shown.count("<a ") == MAX_LINKS
    assert shown.endswith(" https://e.example/899</p>")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://e.example/a_(b).,", "https://e.example/a_(b)"),
        ("https://e.example/a).;)", "https://e.example/a"),
        ("https://e.example/(a)!)", "https://e.example/(a)"),
        ("https://e.example/" + ")" * 9_000, "https://e.example/"),
    ],
)
def test_the_punctuation_behind_a_link_is_text(url: str, link: str) -> None:
    assert f'<a href="{link}" ' in render(url).filled({})


@pytest.mark.parametrize("path", ["/?list", "/api/events"])
async def test_pages_are_rendered_off_the_event_loop(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    threads: list[threading.Thread] = []
    for module in (languages, asyncapi):
        render = module.render

        def record(*arguments: Any, render: Any = render, **options: Any) -> Any:
            threads.append(threading.current_thread())
            return render(*arguments, **options)

        monkeypatch.setattr(module, "render", record)
    client = AsyncClient()
    client.cookies["__session"] = alice.token
    assert (await client.get(path)).status_code == 200
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
    assert asyncio.get_running_loop().is_running()
