"""The members' URL; it is here and not in `groups` because each member carries a presence status."""

from django.urls import path

from . import views

urlpatterns = [path("api/groups/<str:groupId>/members", views.MembersView.as_view(), name="members")]
