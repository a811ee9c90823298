from django.urls import path

from . import forms, views

_GROUP = "groups/<str:group_id>"

urlpatterns = [
    path(f"{_GROUP}/pins", views.pins, name="pins"),
    path(f"{_GROUP}/messages/<str:message_id>/pin", forms.pin, name="pin"),
]
