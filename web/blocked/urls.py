from django.urls import path

from . import forms, views

urlpatterns = [
    path("profile/blocked", views.blocked, name="blocked"),
    path("profile/blocked/add", forms.block, name="block"),
    path("profile/blocked/remove", forms.unblock, name="unblock"),
]
