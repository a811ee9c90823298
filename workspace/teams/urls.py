"""URLs of the teams' API."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/teams", views.TeamsView.as_view(), name="teams"),
    path("api/teams/<str:teamId>", views.TeamView.as_view(), name="team"),
    path("api/teams/<str:teamId>/members", views.TeamMembersView.as_view(), name="team-members"),
    path("api/teams/<str:teamId>/members/<str:userId>", views.TeamMemberView.as_view(), name="team-member"),
]
