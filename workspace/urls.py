"""URLs of the workspace, relative to the server's root."""

from django.urls import path

from . import views

_PERSON = "api/workspace/people/<str:userId>"

urlpatterns = [
    path("api/workspace", views.WorkspaceView.as_view(), name="workspace"),
    path("api/workspace/deactivated", views.DeactivatedView.as_view(), name="deactivated"),
    path(_PERSON, views.PersonView.as_view(), name="workspace-person"),
    path(f"{_PERSON}/role", views.RoleView.as_view(), name="workspace-role"),
    path(f"{_PERSON}/deactivate", views.DeactivateView.as_view(), name="deactivate"),
    path(f"{_PERSON}/reactivate", views.ReactivateView.as_view(), name="reactivate"),
]
