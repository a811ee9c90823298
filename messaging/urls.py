"""URLs of the messages' API."""

from django.urls import path

from . import views
from .inbox.views import InboxView, ReadItemsView
from .threads.views import FollowView, ThreadsView

urlpatterns = [
    # Here and not in `groups`: whoever deletes a group deletes its messages and files.
    path("api/groups/<str:groupId>", views.GroupView.as_view(), name="group"),
    path("api/groups/<str:groupId>/mentionable", views.MentionableView.as_view(), name="mentionable"),
    path("api/messages", views.MessagesView.as_view(), name="messages"),
    path("api/messages/changes", views.ChangesView.as_view(), name="changes"),
    path("api/messages/read", views.ReadView.as_view(), name="read"),
    path("api/messages/<str:messageId>", views.MessageView.as_view(), name="message"),
    path("api/messages/<str:messageId>/reactions", views.ReactionsView.as_view(), name="reactions"),
    path("api/messages/<str:messageId>/history", views.HistoryView.as_view(), name="history"),
    path("api/messages/<str:messageId>/unread", views.UnreadView.as_view(), name="unread"),
    path("api/messages/<str:messageId>/thread", views.ThreadView.as_view(), name="thread"),
    path("api/messages/<str:messageId>/follow", FollowView.as_view(), name="follow"),
    path("api/threads", ThreadsView.as_view(), name="threads"),
    path("api/inbox", InboxView.as_view(), name="inbox"),
    path("api/inbox/read", ReadItemsView.as_view(), name="inbox-read"),
]
