from django.urls import path

from . import forms, views

_PERSON = "workspace/people/<str:user_id>"

urlpatterns = [
    path("workspace", views.workspace, name="workspace"),
    path("workspace/settings", forms.save_settings, name="workspace-settings"),
    path("workspace/invite", forms.invite, name="workspace-invite"),
    path("workspace/logo", forms.set_logo, name="workspace-logo"),
    path("workspace/logo/remove", forms.remove_logo, name="workspace-logo-remove"),
    path(f"{_PERSON}/role", forms.change_role, name="workspace-role"),
    path(f"{_PERSON}/deactivate", forms.deactivate, name="workspace-deactivate"),
    path(f"{_PERSON}/reactivate", forms.reactivate, name="workspace-reactivate"),
    path(f"{_PERSON}/remove", forms.remove, name="workspace-remove"),
]
