from django.urls import path

from . import views

urlpatterns = [
    path("directory", views.groups, name="directory"),
    path("groups/<str:group_id>/join", views.join, name="join-group"),
]
