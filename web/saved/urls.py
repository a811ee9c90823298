from django.urls import path

from . import forms, views

urlpatterns = [
    path("saved", views.saved, name="saved"),
    path("groups/<str:group_id>/messages/<str:message_id>/saved", forms.save, name="save"),
]
