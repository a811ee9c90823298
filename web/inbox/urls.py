from django.urls import path

from . import forms, views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("inbox/read", forms.read, name="read-inbox"),
]
