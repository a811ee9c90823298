"""Files of a message: uploaded a few at a time, and gone from the server when they are taken off again."""

from pathlib import Path

from playwright.async_api import expect

from .person import Person

# Notes how many requests were under way at most.
_COUNT = """() => {
    const { open, send } = XMLHttpRequest.prototype;
    let underWay = 0;
    window.mostUploads = 0;
    XMLHttpRequest.prototype.open = function (...where) {
        this.addEventListener('loadend', () => (underWay -= 1));
        return open.apply(this, where);
    };
    XMLHttpRequest.prototype.send = function (body) {
        underWay += 1;
        window.mostUploads = Math.max(window.mostUploads, underWay);
        return send.call(this, body);
    };
}"""


async def test_a_file_that_is_taken_off_is_deleted_and_the_others_are_sent(
    alice: Person, bob: Person, together: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(8)]
    for file in files:
        file.write_text(file.name)
    await alice.page.evaluate(_COUNT)
    await alice.page.locator("#foot input[type=file]").set_input_files(list(files))
    await expect(alice.page.locator("#foot .upload[data-state=done]")).to_have_count(len(files))
    assert await alice.page.evaluate("window.mostUploads") == 3
    group_id = await alice.page.locator("#conversation").get_attribute("data-group-id")
    stored = f"{alice.url}/api/files?groupId={group_id}"
    assert len((await (await alice.page.request.get(stored)).json())["files"]) == len(files)
    assert (await (await bob.page.request.get(stored)).json())["files"] == []
    async with alice.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        await alice.page.locator("#foot .upload [data-action=remove-upload]").first.click()
    assert (await deleted.value).status == 204
    await alice.says("seven")
    await expect((await bob.sees("seven")).locator("a.file")).to_have_count(len(files) - 1)
    assert len((await (await bob.page.request.get(stored)).json())["files"]) == len(files) - 1


async def test_what_the_server_says_of_a_refused_part_is_shown(alice: Person, tmp_path: Path) -> None:
    await alice.makes_group("Refused")
    alice.may_lose_connection = True
    error = {"code": "forbidden", "message": "Only owners may write here.", "retryable": False}
    await alice.page.route("**/api/uploads", lambda route: route.fulfill(status=403, json={"error": error}))
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(1_000_000))
    await alice.page.locator("#foot input[type=file]").set_input_files(large)
    upload = alice.page.locator("#foot .upload")
    await expect(upload.locator("[data-field=problem]")).to_have_text("Only owners may write here.")
    await expect(upload.locator("[data-field=retry]")).to_be_hidden()
