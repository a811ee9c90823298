"""A browser's session: its cookie, and signing out."""

import httpx

COOKIE = "__session"


async def page_cookie(url: str, token: str) -> str | None:
    """Request a page and return the session cookie that the response sets, if any."""
    async with httpx.AsyncClient(timeout=60, base_url=url) as browser:
        page = await browser.get("/", headers={"Cookie": f"{COOKIE}={token}"}, follow_redirects=True)
        assert page.is_success
        return page.cookies.get(COOKIE)


async def sign_out(url: str, token: str) -> None:
    """Sign out as the button of a page does, with the token as session cookie."""
    async with httpx.AsyncClient(timeout=60, base_url=url, cookies={COOKIE: token}) as browser:
        page = await browser.get("/", follow_redirects=True)
        assert page.is_success
        headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Origin": url}
        assert (await browser.post("/sign-out", headers=headers)).status_code == 302


async def is_refused(url: str, token: str) -> bool:
    """Return whether the API refuses the token."""
    async with httpx.AsyncClient(timeout=60, base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        return (await client.get("/api/users/me")).status_code == 401
