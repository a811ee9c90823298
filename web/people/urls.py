from django.urls import path

from . import forms, views

_GROUP = "groups/<str:group_id>"

urlpatterns = [
    path("groups", forms.create_group, name="create-group"),
    path("direct", forms.create_direct, name="create-direct"),
    path(f"{_GROUP}/members", views.members, name="members"),
    path(f"{_GROUP}/members/add", forms.add_member, name="add-member"),
    path(f"{_GROUP}/members/remove", forms.remove_member, name="remove-member"),
    path(f"{_GROUP}/members/role", forms.change_role, name="role"),
    path(f"{_GROUP}/members/<str:user_id>/owner", views.ask_for_owner, name="ask-for-owner"),
    path(f"{_GROUP}/leave", forms.leave_group, name="leave"),
    path(f"{_GROUP}/rejoin", views.rejoin, name="rejoin"),
    path(f"{_GROUP}/rename", forms.rename_group, name="rename"),
]
