from django.urls import path

from . import views

urlpatterns = [path("groups/<str:group_id>/delete", views.delete, name="delete-group")]
