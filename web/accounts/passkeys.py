"""The forms of one's own passkeys, on the page of the account."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.passkey_serializers import AddPasskeyInput, PasskeyRefInput
from accounts.serializers import OwnProofInput
from accounts.services import passkeys
from accounts.services.passkeys import PasskeyOffer
from users import services as users
from users.actor import Actor
from web.ceremony import answered_in_json, forget_ceremony, state_of
from web.forms import validated_input
from web.session_cookie import client_of_page, set_account_cookies
from web.shell import signed_in

from .content import account_context
from .forms import TEMPLATE, account_form, done


def _path() -> str:
    return reverse("web:account-passkeys")


async def _begin(request: HttpRequest, actor: Actor) -> PasskeyOffer:
    return await passkeys.begin_passkey(actor=actor, **validated_input(OwnProofInput, request, "password"))


options = require_POST(signed_in(answered_in_json(_begin, _path)))


@account_form
async def add(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    data = validated_input(AddPasskeyInput, request, "credential", "name", state=state_of(request))
    added = await passkeys.add_passkey(actor=actor, client=client_of_page(request), **data)
    if added.session is None:
        return forget_ceremony(done("passkey"), _path())
    # Not after a redirect: the codes are shown this once.
    present = await users.sign_in(token=added.session.token)
    context = await account_context(request, present, codes=added.recovery_codes)
    response: HttpResponse = render(request, TEMPLATE, context)
    set_account_cookies(response, added.session)
    return forget_ceremony(response, _path())


@account_form
async def remove(request: HttpRequest, actor: Actor, passkey_id: str) -> HttpResponse:
    data = validated_input(PasskeyRefInput, request, "password", passkeyId=passkey_id)
    await passkeys.remove_passkey(actor=actor, **data)
    return done("passkey-removed")
