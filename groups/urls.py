"""URLs of the groups' API."""

from django.urls import path

from . import views
from .blocking.views import BlockedUserView, BlockedView
from .invitations import views as invitations
from .own_settings.views import OwnSettingsView
from .places.views import DirectoryView, JoinView
from .sections.views import SectionsView

urlpatterns = [
    path("api/groups", views.GroupsView.as_view(), name="groups"),
    path("api/groups/directory", DirectoryView.as_view(), name="directory"),
    path("api/groups/direct", views.DirectView.as_view(), name="direct"),
    path("api/groups/<str:groupId>/members/<str:userId>", views.MemberView.as_view(), name="member"),
    path("api/groups/<str:groupId>/rejoin", views.RejoinView.as_view(), name="rejoin"),
    path("api/groups/<str:groupId>/invitation-links", invitations.LinksView.as_view(), name="invitation-links"),
    path(
        "api/groups/<str:groupId>/invitation-links/<str:linkId>",
        invitations.LinkView.as_view(),
        name="invitation-link",
    ),
    path("api/groups/<str:groupId>/invitations", invitations.AskedView.as_view(), name="asked"),
    path("api/groups/<str:groupId>/invitations/<str:userId>", invitations.AskedUserView.as_view(), name="asked-user"),
    path("api/invitation-links/read", invitations.ReadLinkView.as_view(), name="invitation-link-read"),
    path("api/invitation-links/use", invitations.UseLinkView.as_view(), name="invitation-link-use"),
    path("api/users/me/invitations", invitations.InvitationsView.as_view(), name="my-invitations"),
    path("api/users/me/invitations/<str:groupId>", invitations.InvitationView.as_view(), name="my-invitation"),
    path("api/groups/<str:groupId>/join", JoinView.as_view(), name="join-group"),
    path("api/users/me/blocked", BlockedView.as_view(), name="blocked"),
    path("api/users/me/blocked/<str:userId>", BlockedUserView.as_view(), name="blocked-user"),
    path("api/groups/<str:groupId>/leave", views.LeaveView.as_view(), name="leave"),
    path("api/groups/<str:groupId>/me", OwnSettingsView.as_view(), name="own-settings"),
    path("api/users/me/sections", SectionsView.as_view(), name="sections"),
]
