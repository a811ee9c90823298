"""Choosing people by their names, in pages without a script."""

from uuid import uuid4

from django.test import AsyncClient

from tests.cast import Person
from tests.page_form import Form, forms_in
from users import models


def choice_in(page: str) -> Form:
    """Return the form that asks which person is meant."""
    (form,) = [form for form in forms_in(page) if form.action == "/direct" and "userId" in form.buttons]
    return form


async def test_everybody_of_a_common_name_can_be_chosen(alice: Person) -> None:
    name = f"Smith {uuid4().hex}"
    smiths = {(await models.create_if_absent(f"user_{uuid4().hex}", name=name)).id for _ in range(20)}
    browser = AsyncClient()
    browser.cookies["__session"] = alice.token
    offered: list[str] = []
    fields = {"name": [name]}
    while True:
        page = await browser.post("/direct", fields)
        assert page.status_code == 200
        form = choice_in(page.content.decode())
        offered += form.buttons["userId"]
        if "cursor" not in form.buttons:
            break
        fields = form.fields | {"cursor": form.buttons["cursor"]}
    assert (len(offered), set(offered)) == (20, smiths)
    chosen = await browser.post("/direct", form.fields | {"userId": offered[12]})
    assert chosen.status_code == 302
