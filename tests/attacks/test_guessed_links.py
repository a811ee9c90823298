"""Links to groups are not guessed: attempts are few, and say nothing of what there is."""

from tests.cast import Person
from tests.entry_points import code_of, http_client, page_entry_point
from tests.serving import serving


async def test_somebody_guesses_so_often(charlie: Person, bob: Person, group_id: str) -> None:
    guess = {"link": f"{group_id}~invite_1.{'x' * 43}"}
    async with (
        serving({"RATE_LIMITS": "off,link=4/m"}) as server,
        http_client(server.url, charlie) as guesser,
        http_client(server.url, bob) as other,
        page_entry_point(server.url, charlie, group_id) as browser,
    ):
        doors = ("/api/invitation-links/use", "/api/invitation-links/read")
        codes = [code_of(await guesser.post(door, json=guess)) for door in doors]
        pages = [(await browser.client.get("/invite", params=guess)).status_code for _ in range(3)]
        assert (codes, pages) == (["not_found"] * 2, [404, 404, 429])
        form = {**guess, "csrfmiddlewaretoken": browser.client.cookies["csrftoken"]}
        assert (await browser.client.post("/invite", data=form)).status_code == 429
        assert [code_of(await guesser.post(door, json=guess)) for door in doors] == ["rate_limited"] * 2
        # Another person has attempts of their own.
        assert code_of(await other.post(doors[0], json=guess)) == "not_found"
