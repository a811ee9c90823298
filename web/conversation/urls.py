from django.urls import path

from . import forms, sending, views, writing

_GROUP = "groups/<str:group_id>"
_MESSAGE = f"{_GROUP}/messages/<str:message_id>"

urlpatterns = [
    path("", views.home, name="home"),
    path(_GROUP, views.group, name="group"),
    path(f"{_GROUP}/read", forms.mark_read, name="mark-read"),
    path(f"{_GROUP}/messages", sending.send, name="send"),
    path(f"{_GROUP}/preview", writing.preview, name="preview"),
    path(f"{_GROUP}/command", writing.command, name="command"),
    path("commands", writing.commands, name="commands"),
    # `messaging.links` has this address.
    path(f"{_GROUP}/messages/<int:seq>", views.permalink, name="permalink"),
    path(f"{_MESSAGE}/edit", forms.edit, name="edit"),
    path(f"{_MESSAGE}/unread", forms.mark_unread, name="mark-unread"),
]
