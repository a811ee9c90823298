from django.urls import path

from . import forms, views

_REACTION = "groups/<str:group_id>/messages/<str:message_id>/reaction"

urlpatterns = [
    path(_REACTION, views.react, name="react"),
    path(f"{_REACTION}/add", forms.add_reaction, name="add-reaction"),
    path(f"{_REACTION}/remove", forms.remove_reaction, name="remove-reaction"),
]
