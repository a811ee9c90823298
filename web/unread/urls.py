from django.urls import path

from . import forms, views

urlpatterns = [
    path("unread", views.unread, name="unread"),
    path("unread/read", forms.read, name="read-places"),
]
