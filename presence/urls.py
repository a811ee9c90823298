"""The URL of a group's members, each with their status."""

from django.urls import path

from . import views

urlpatterns = [path("api/groups/<str:group_id>/members", views.MembersView.as_view(), name="members")]
