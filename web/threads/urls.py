from django.urls import path

from . import forms, views

_THREAD = "groups/<str:group_id>/threads/<str:message_id>"

urlpatterns = [
    path("threads", views.threads, name="threads"),
    path(_THREAD, views.thread, name="thread"),
    path(f"{_THREAD}/read", forms.mark_read, name="read-thread"),
    path(f"{_THREAD}/follow", forms.follow, name="follow"),
    path(f"{_THREAD}/unfollow", forms.unfollow, name="unfollow"),
]
