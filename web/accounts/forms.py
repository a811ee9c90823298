"""One's own account: its page, and what its forms change."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.serializers import (
    ChangePasswordInput,
    ConfirmTotpInput,
    DisableTotpInput,
    OwnProofInput,
    RenewCodesInput,
    SessionRefInput,
)
from accounts.services import credentials, sessions
from foundation.errors import AppError, Invalid
from foundation.validation import validated
from users import services as users
from users.actor import Actor
from web.forms import FormView, posted, validated_input
from web.session_cookie import client_of_page, set_account_cookies, signed_in_response
from web.shell import View, signed_in, with_headers_of

from .content import account_context

TEMPLATE = "web/accounts/account.html"
_DONE = {
    "password": _("Your password is changed, and your other sessions are ended."),
    "totp": _("Your authenticator is removed."),
    "sessions": _("Ended."),
    "unlinked": _("Your account is linked no more."),
    "passkey": _("Your passkey is added."),
    "passkey-removed": _("The passkey is removed."),
}


def account_form(view: FormView) -> "View[...]":
    """Accept POSTs of signed-in users; an error is shown on the page of their account."""

    async def show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
        confirming = isinstance(error, Invalid) and view.__name__ == "confirm_totp"
        context = await account_context(request, actor, problem=error, confirming=confirming)
        return with_headers_of(error, render(request, TEMPLATE, context, status=error.status))

    return posted(show_again)(view)


@require_safe
@signed_in
async def account(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    context = await account_context(request, actor, done=str(_DONE.get(request.GET.get("done", ""), "")))
    return render(request, TEMPLATE, context)


@account_form
async def change_password(request: HttpRequest, actor: Actor) -> HttpResponse:
    data = validated_input(ChangePasswordInput, request, "currentPassword", "newPassword")
    changed = await credentials.change_password(actor=actor, client=client_of_page(request), **data)
    return await signed_in_response(request, changed.session, _address_after("password"))


@account_form
async def begin_totp(request: HttpRequest, actor: Actor) -> HttpResponse:
    offer = await credentials.begin_totp(actor=actor, **validated_input(OwnProofInput, request, "password"))
    # Not after a redirect: a session alone must not be enough to see the secret.
    return render(request, TEMPLATE, await account_context(request, actor, offer=offer))


@account_form
async def confirm_totp(request: HttpRequest, actor: Actor) -> HttpResponse:
    data = validated_input(ConfirmTotpInput, request, "code")
    turned_on = await credentials.confirm_totp(actor=actor, client=client_of_page(request), **data)
    # Not after a redirect: the codes are shown this once.
    present = await users.sign_in(token=turned_on.session.token)
    response = render(request, TEMPLATE, await account_context(request, present, codes=turned_on.recovery_codes))
    set_account_cookies(response, turned_on.session)
    return response


@account_form
async def disable_totp(request: HttpRequest, actor: Actor) -> HttpResponse:
    await credentials.disable_totp(actor=actor, **validated_input(DisableTotpInput, request, "password", "code"))
    return done("totp")


@account_form
async def renew_recovery_codes(request: HttpRequest, actor: Actor) -> HttpResponse:
    data = validated_input(RenewCodesInput, request, "password", "code")
    codes = await credentials.renew_recovery_codes(actor=actor, **data)
    return render(request, TEMPLATE, await account_context(request, actor, codes=codes))


@account_form
async def end_session(request: HttpRequest, actor: Actor, session_id: str) -> HttpResponse:
    await sessions.end_session(actor=actor, **validated(SessionRefInput, {"sessionId": session_id}))
    return done("sessions")


@account_form
async def end_other_sessions(request: HttpRequest, actor: Actor) -> HttpResponse:
    await sessions.end_other_sessions(actor=actor)
    return done("sessions")


def done(what: str) -> HttpResponse:
    return HttpResponseRedirect(_address_after(what))


def _address_after(what: str) -> str:
    return f"{reverse('web:account')}?done={what}"
