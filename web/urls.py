"""Addresses of the chat pages and their forms, from the server's root."""

from django.urls import path

from .conversation import forms as page_forms
from .conversation import sending as page_sending
from .conversation import views as pages

app_name = "chat"

urlpatterns = [
    path("", pages.home, name="home"),
    path("groups", page_forms.create_group, name="create-group"),
    path("direct", page_forms.create_direct, name="create-direct"),
    path("groups/<str:group_id>", pages.group, name="group"),
    path("groups/<str:group_id>/members", pages.members, name="members"),
    path("groups/<str:group_id>/members/add", page_forms.add_member, name="add-member"),
    path("groups/<str:group_id>/members/remove", page_forms.remove_member, name="remove-member"),
    path("groups/<str:group_id>/members/role", page_forms.change_role, name="role"),
    path("groups/<str:group_id>/leave", page_forms.leave, name="leave"),
    path("groups/<str:group_id>/rename", page_forms.rename, name="rename"),
    path("groups/<str:group_id>/read", page_forms.read, name="read"),
    path("groups/<str:group_id>/messages", page_sending.send, name="send"),
    path("groups/<str:group_id>/threads/<str:message_id>", pages.thread, name="thread"),
    path("groups/<str:group_id>/messages/<str:message_id>/edit", page_forms.edit, name="edit"),
    path("groups/<str:group_id>/messages/<str:message_id>/reaction", pages.react, name="react"),
    path("groups/<str:group_id>/messages/<str:message_id>/reaction/add", page_forms.add_reaction, name="add-reaction"),
    path(
        "groups/<str:group_id>/messages/<str:message_id>/reaction/remove",
        page_forms.remove_reaction,
        name="remove-reaction",
    ),
    path("groups/<str:group_id>/messages/<str:message_id>/delete", page_forms.delete, name="delete"),
]
