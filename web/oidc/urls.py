from django.urls import path

from . import arriving, departing

urlpatterns = [
    path("sign-in/oidc", departing.sign_in, name="oidc-sign-in"),
    path("sign-in/oidc/callback", arriving.callback, name="oidc-callback"),
    path("sign-in/oidc/join", departing.join, name="oidc-join"),
    path("sign-in/oidc/sign-out", departing.sign_out, name="oidc-sign-out"),
]
