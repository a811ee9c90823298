from django.urls import path

from . import forms, views

_TEAM = "teams/<str:team_id>"

urlpatterns = [
    path("teams", views.teams, name="teams"),
    path(_TEAM, views.team, name="team"),
    path(f"{_TEAM}/change", forms.change, name="team-change"),
    path(f"{_TEAM}/delete", forms.delete, name="team-delete"),
    path(f"{_TEAM}/add", forms.add, name="team-add"),
    path(f"{_TEAM}/remove", forms.remove, name="team-remove"),
    path(f"{_TEAM}/role", forms.change_role, name="team-role"),
]
