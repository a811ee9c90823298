"""The connection breaks: nothing is lost or doubled, and the page says so."""

from playwright.async_api import expect

from tests.web.serving import Server

from .person import Person

BACK_WITHIN = 20_000


async def test_after_a_restart_both_catch_up_and_unsent_messages_are_sent_once(
    alice: Person, bob: Person, together: str, server: Server
) -> None:
    alice.may_lose_connection = bob.may_lose_connection = True
    await alice.says("before")
    await bob.sees("before")
    server.stop()
    await expect(alice.page.locator("#offline")).to_be_visible()
    await alice.says("while it was away")
    await bob.says("I am still here")
    await expect(alice.message("while it was away")).to_have_attribute("data-state", "pending")
    server.start()
    for person in (alice, bob):
        await expect(person.page.locator("#offline")).to_be_hidden(timeout=BACK_WITHIN)
        await person.sees("while it was away")
        await person.sees("I am still here")
    assert await alice.texts() == await bob.texts()
    assert len(await alice.texts()) == 3


async def test_a_user_who_was_offline_gets_every_kind_of_change(
    alice: Person, bob: Person, together: str, server: Server
) -> None:
    bob.may_lose_connection = True
    for text in ("to edit", "to delete", "to react to", "to reply to"):
        await alice.says(text)
    await bob.sees("to reply to")
    await bob.page.evaluate(HOLD_CONNECTION)
    await alice.does("edit", "to edit")
    await alice.page.locator("form.edit textarea").fill("amended")
    await alice.page.locator("form.edit textarea").press("Enter")
    await alice.sees("amended")
    await alice.deletes("to delete")
    await alice.sees("This message was deleted.")
    await alice.does("react", "to react to")
    await alice.page.locator("#picker").get_by_role("gridcell", name="thumbs up").click()
    await alice.does("thread", "to reply to")
    await alice.replies("a reply")
    await alice.sees("a reply", within="#panel .log")
    await alice.says("and something new")
    await alice.sees("and something new")
    assert await bob.texts() == ["to edit", "to delete", "to react to", "to reply to"]
    await bob.page.evaluate(LET_CONNECTION_GO)
    await bob.sees("and something new")
    await bob.sees("amended")
    await bob.sees("This message was deleted.")
    await expect(bob.message("to react to").locator(".chip")).to_have_text("👍 1")
    await expect(bob.message("to reply to").locator(".replies")).to_have_text("1 reply")
    assert await bob.texts() == await alice.texts()


async def test_who_was_blocked_meanwhile_is_folded(alice: Person, bob: Person, together: str) -> None:
    await bob.says("an early word")
    message = await alice.sees("an early word")
    await alice.page.evaluate(HOLD_CONNECTION)
    other = await alice.page.context.new_page()
    await other.goto(f"{alice.url}/people/{await message.get_attribute('data-user-id')}")
    await other.get_by_role("button", name="Block").click()
    await expect(other.locator(".team-row", has_text=bob.name)).to_be_visible()
    await expect(message.locator(".content")).to_be_visible()
    await alice.page.evaluate(LET_CONNECTION_GO)
    await expect(message.locator(".content")).to_be_hidden()


async def test_a_user_who_was_removed_and_added_again_while_offline_stays(
    alice: Person, bob: Person, together: str
) -> None:
    await bob.page.evaluate(HOLD_CONNECTION)
    await alice.page.get_by_role("button", name=f"Remove {bob.name}").click()
    await alice.agrees()
    await expect(alice.page.locator(".member", has_text=bob.name)).to_have_count(0)
    await alice.adds(bob)
    await alice.says("in again")
    await bob.page.evaluate(LET_CONNECTION_GO)
    await bob.sees("in again")
    # A notice of the removal would be there before the message.
    assert "no longer" not in await bob.page.locator("#notices").inner_text()
    await bob.says("I have not been away")
    await alice.sees("I have not been away")
    await expect(bob.title).to_have_text(together)


async def test_after_a_shutdown_the_page_reconnects_when_the_server_said(alice: Person) -> None:
    await alice.page.clock.install()
    await alice.page.reload()
    await alice.page.evaluate(SHUT_DOWN_SERVER, 20)
    # This moves the page's own clock.
    await alice.page.clock.run_for(25_000)
    waited, then = await alice.page.evaluate("() => window.reconnection")
    assert 20_000 <= waited < 20_500
    assert then == [400, 5_000, 0.5]
    await expect(alice.page.locator("#offline")).to_be_hidden()


async def test_a_refused_message_can_be_retried_or_discarded(alice: Person, bob: Person, together: str) -> None:
    await alice.says("a" + "\u0323" * 40)
    failed = alice.page.locator("#scroller .message[data-state=failed]")
    await expect(failed.locator(".state")).to_contain_text("too many marks")
    await alice.says("short")
    await bob.sees("short")
    await failed.get_by_role("button", name="Try again").click()
    await expect(failed).to_have_count(1)
    await failed.get_by_role("button", name="Discard").click()
    await expect(failed).to_have_count(0)
    assert await alice.texts() == ["short"]


async def test_a_message_whose_acknowledgement_got_lost_is_not_stored_twice(
    alice: Person, bob: Person, together: str
) -> None:
    alice.may_lose_connection = True
    await alice.page.evaluate(LOSE_NEXT_ACKNOWLEDGEMENT)
    await alice.says("only once")
    await bob.sees("only once")
    await alice.sees("only once")
    await alice.says("and on")
    await bob.sees("and on")
    assert await alice.texts() == await bob.texts() == ["only once", "and on"]


async def test_a_draft_stays_with_its_group(alice: Person) -> None:
    await alice.makes_group("One")
    await alice.makes_group("Two")
    await alice.page.locator("#content").fill("for two")
    await alice.opens("One")
    await expect(alice.page.locator("#content")).to_have_value("")
    await alice.opens("Two")
    await expect(alice.page.locator("#content")).to_have_value("for two")


# The import returns the module that the page runs.
_SOCKET = "const { socket } = await import('/static/web/js/app/connection.js');"
HOLD_CONNECTION = f"async () => {{ {_SOCKET} socket.disconnect(); }}"
LET_CONNECTION_GO = f"async () => {{ {_SOCKET} socket.connect(); }}"
# `reconnection`: after how many milliseconds the page tried to reconnect, and the delays it would use from then on.
SHUT_DOWN_SERVER = f"""async (retryAfter) => {{
    {_SOCKET}
    const {{ io: manager }} = socket;
    if (!socket.connected) await new Promise((done) => socket.once('connect', done));
    const drained = new Promise((done) => socket.once('drain', done));
    manager.engine.emit('data', '2' + JSON.stringify(['drain', {{ retryAfter }}]));
    await drained;
    const lostAt = Date.now();
    window.reconnection = new Promise((done) => manager.once('reconnect_attempt', () => {{
        const delays = [manager.reconnectionDelay(), manager.reconnectionDelayMax(), manager.randomizationFactor()];
        done([Date.now() - lostAt, delays]);
    }}));
    manager.engine.close();
}}"""
# The connection closes after the server has got the message, before the page gets the acknowledgement.
LOSE_NEXT_ACKNOWLEDGEMENT = f"""async () => {{
    {_SOCKET}
    const engine = socket.io.engine;
    const sent = socket.emitWithAck;
    const onpacket = socket.onpacket;
    socket.onpacket = function (packet) {{
        if (packet.type !== 3) return onpacket.call(this, packet);
        socket.onpacket = onpacket;
        engine.close();
    }};
}}"""
