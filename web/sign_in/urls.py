from django.urls import path

from . import forms, views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", forms.sign_out, name="sign-out"),
]
