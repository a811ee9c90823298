from django.urls import path

from . import signing_in

urlpatterns = [
    path("sign-in/passkey", signing_in.sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/options", signing_in.options, name="passkey-options"),
]
