"""URLs of the messages' API."""

from django.urls import path

from . import views
from .drafts.views import DraftsView
from .inbox.views import InboxView, ReadItemsView
from .later.views import RemindersView, ReminderView, ScheduledListView, ScheduledView
from .pins.views import PinsView, PinView
from .quotes.views import ForwardView, QuoteView
from .saved.views import SavedView, SaveView
from .threads.views import FollowView, ThreadsView

urlpatterns = [
    # Here and not in `groups`: whoever deletes a group deletes its messages and files.
    path("api/groups/<str:groupId>", views.GroupView.as_view(), name="group"),
    path("api/groups/<str:groupId>/mentionable", views.MentionableView.as_view(), name="mentionable"),
    path("api/groups/<str:groupId>/pins", PinsView.as_view(), name="pins"),
    path("api/drafts", DraftsView.as_view(), name="drafts"),
    path("api/saved", SavedView.as_view(), name="saved"),
    path("api/scheduled", ScheduledListView.as_view(), name="scheduled"),
    path("api/scheduled/<str:scheduledId>", ScheduledView.as_view(), name="scheduled-message"),
    path("api/reminders", RemindersView.as_view(), name="reminders"),
    path("api/reminders/<str:reminderId>", ReminderView.as_view(), name="reminder"),
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
    path("api/messages/<str:messageId>/pin", PinView.as_view(), name="pin"),
    path("api/messages/<str:messageId>/saved", SaveView.as_view(), name="save"),
    path("api/messages/<str:messageId>/quote", QuoteView.as_view(), name="quote"),
    path("api/messages/<str:messageId>/forward", ForwardView.as_view(), name="forward"),
]
