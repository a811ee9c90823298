from django.urls import path

from . import views

urlpatterns = [
    path("groups/<str:group_id>/messages/<str:message_id>/delete", views.delete, name="delete"),
]
