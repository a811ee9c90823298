"""Addresses of the sign-in pages, from the server's root."""

from django.urls import path

from . import views as pages

urlpatterns = [
    path("sign-in", pages.sign_in, name="sign-in"),
    path("sign-out", pages.sign_out, name="sign-out"),
]
