"""Texts are shown as Markdown, live and after a reload; one edits what one typed, and sees what was said before."""

from pathlib import Path

from playwright.async_api import expect

from .person import Person

TEXT = """**Bold**, `code` and ~~no~~: see https://example.org/a_(b)) :tada:
- one
- two

```python
def f(): pass
```"""
MORE = """> a quote
> of two lines

1. first
2. second

---
ask"""


async def _shows_the_text(person: Person, other: Person) -> None:
    content = person.page.locator("#scroller .message .content").first
    await expect(content.locator("strong")).to_have_text("Bold")
    await expect(content.locator("p code")).to_have_text("code")
    await expect(content.locator("a")).to_have_attribute("href", "https://example.org/a_(b)")
    await expect(content.locator("li")).to_have_text(["one", "two"])
    await expect(content.locator("pre .k").first).to_have_text("def")
    await expect(content.locator(".mention")).to_have_text(f"@{other.name}")
    await expect(content).to_contain_text("🎉")


async def test_markup_is_shown_to_all(alice: Person, bob: Person, together: str) -> None:
    bob_id = await bob.page.locator("body").get_attribute("data-user-id")
    await alice.says(f"{TEXT}\n\n<@{bob_id}>")
    for person in (alice, bob):
        await _shows_the_text(person, bob)
        await person.page.reload()
        await _shows_the_text(person, bob)


async def test_one_edits_what_one_typed(alice: Person, bob: Person, together: str) -> None:
    await alice.says("*first* try")
    message = await alice.sees("first try")
    await message.hover()
    await message.locator("[data-action=edit]").click()
    field = message.locator("form.edit textarea")
    await expect(field).to_have_value("*first* try")
    await field.fill("**second** try")
    await message.get_by_role("button", name="Save", exact=True).click()
    await expect(bob.page.locator("#scroller .content strong")).to_have_text("second")
    # Its author sees what it said before; another member does not, by default.
    await (await alice.sees("second try")).locator("a.edited").click()
    panel = alice.page.locator("#panel")
    await expect(panel.locator(".versions .content em")).to_have_text("first")
    await expect(panel.locator(".versions .content strong")).to_have_text("second")
    edited = (await bob.sees("second try")).locator(".edited")
    assert await edited.get_attribute("href") is None
    await bob.page.reload()
    assert await edited.get_attribute("href") is None


async def test_a_picture_of_it(alice: Person, bob: Person, together: str, tmp_path: Path) -> None:
    """For whoever looks: pytest keeps the picture beside its other temporary files."""
    bob_id = await bob.page.locator("body").get_attribute("data-user-id")
    await bob.says("plain words, as most messages are")
    await alice.says(f"# A heading\n{TEXT}\n{MORE} <@{bob_id}>, or <!all>")
    await alice.sees("A heading")
    await alice.page.screenshot(path=tmp_path / "texts.png")
