"""Markup and scripts in names, texts and file names stay text, rendered by the server and by the script."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from .conftest import Arrives
from .person import Person

HOSTILE = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "</template></textarea><script>document.title='owned'</script>",
    "javascript:document.title='owned' https://x\"onmouseover=document.title='owned'//",
    "{{ 7 * 7 }} {% load x %} ${7 * 7} \u202egnp.exe",
]


async def _is_unharmed(person: Person) -> None:
    assert "owned" not in await person.page.title()
    inside = "#conversation :is(script, svg[onload], img[onerror], [onmouseover]), #sidebar :is(script, img[onerror])"
    await expect(person.page.locator(inside)).to_have_count(0)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_text_stays_a_text(alice: Person, bob: Person, together: str, text: str) -> None:
    await alice.says(text)
    # Rendered by the receiver's script, by the sender's, and below by the server.
    await expect(bob.page.locator("#scroller .message .content")).to_have_text(text)
    await expect(alice.page.locator("#scroller .message .content")).to_have_text(text)
    await bob.page.reload()
    await expect(bob.page.locator("#scroller .message .content")).to_have_text(text)
    for link in await bob.page.locator("#scroller .content a").all():
        assert (await link.get_attribute("href") or "").startswith("https://")
        assert await link.get_attribute("rel") == "noopener noreferrer"
    for person in (alice, bob):
        await _is_unharmed(person)


async def test_a_hostile_name_stays_a_name(arrives: Arrives) -> None:
    mallory = await arrives("<img src=x onerror=alert(1)>\"'&")
    eve = await arrives("</script><b>Eve")
    await mallory.makes_group("<b>Group</b>\"'")
    await mallory.adds(eve)
    await eve.opens("<b>Group</b>\"'")
    await mallory.says("hello")
    await eve.says("hello back")
    for person, other in ((mallory, eve), (eve, mallory)):
        await expect(person.page.locator(".author", has_text=other.name)).to_be_visible()
        await person.page.reload()
        await expect(person.page.locator(".author", has_text=other.name)).to_be_visible()
        await _is_unharmed(person)


async def test_a_hostile_file_is_a_download_and_its_name_a_text(
    alice: Person, bob: Person, together: str, tmp_path: Path
) -> None:
    page = tmp_path / "<img src=x onerror=alert(1)>.html"
    page.write_text("<script>document.title='owned'</script>")
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    await alice.says("look", page, drawing)
    message = await bob.sees("look")
    await expect(message.locator("img")).to_have_count(0)
    await expect(message.locator(".file-name").first).to_contain_text("onerror=alert(1)")
    for link in await message.locator("a.file").all():
        response = await bob.page.request.get(bob.url + (await link.get_attribute("href") or ""))
        assert response.headers["content-disposition"].startswith("attachment")
    await _is_unharmed(bob)


async def test_a_reaction_is_a_text_too(alice: Person, together: str) -> None:
    await alice.says("react")
    await alice.sees("react")
    emoji = "<b>x</b>"
    await alice.page.evaluate(
        """async (emoji) => {
            const { request } = await import('/static/web/js/app/connection.js');
            const { messageId } = document.querySelector('#scroller .message').dataset;
            await request('reaction', { messageId, emoji, action: 'add' });
        }""",
        emoji,
    )
    await expect(alice.page.locator("#scroller .chip")).to_have_text(f"{emoji} 1")
    await alice.page.reload()
    await expect(alice.page.locator("#scroller .chip")).to_have_text(f"{emoji} 1")
