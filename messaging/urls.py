"""URLs of the messages' API."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/messages", views.MessagesView.as_view(), name="messages"),
    path("api/messages/changes", views.ChangesView.as_view(), name="changes"),
    path("api/messages/read", views.ReadView.as_view(), name="read"),
    path("api/messages/<str:messageId>", views.MessageView.as_view(), name="message"),
    path("api/messages/<str:messageId>/reactions", views.ReactionsView.as_view(), name="reactions"),
    path("api/messages/<str:messageId>/thread", views.ThreadView.as_view(), name="thread"),
]
