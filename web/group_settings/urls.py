from django.urls import path

from . import views

_SETTINGS = "groups/<str:group_id>/settings"

urlpatterns = [
    path(_SETTINGS, views.settings, name="group-settings"),
    path(f"{_SETTINGS}/rules", views.rules, name="group-rules"),
    path(f"{_SETTINGS}/archive", views.archive, name="group-archive"),
]
