from django.urls import path

from . import views

urlpatterns = [path("groups/<str:group_id>/threads/<str:message_id>", views.thread, name="thread")]
