from django.urls import path

from . import own, signing_in

urlpatterns = [
    path("sign-in/passkey", signing_in.sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/options", signing_in.options, name="passkey-options"),
    path("account/passkeys", own.add, name="account-passkeys"),
    path("account/passkeys/options", own.options, name="account-passkey-options"),
    path("account/passkeys/<str:passkey_id>/remove", own.remove, name="account-passkey-remove"),
]
