"""Addresses of the web chat, from the server's root; each feature has its own."""

from django.urls import include, path

app_name = "web"

urlpatterns = [
    path("", include("web.sign_in.urls")),
    path("", include("web.language.urls")),
    path("", include("web.accounts.urls")),
    path("", include("web.passkeys.urls")),
    path("", include("web.oidc.urls")),
    path("", include("web.conversation.urls")),
    path("", include("web.threads.urls")),
    path("", include("web.inbox.urls")),
    path("", include("web.unread.urls")),
    path("", include("web.search.urls")),
    path("", include("web.history.urls")),
    path("", include("web.reactions.urls")),
    path("", include("web.deletion.urls")),
    path("", include("web.quoting.urls")),
    path("", include("web.forwarding.urls")),
    path("", include("web.pins.urls")),
    path("", include("web.saved.urls")),
    path("", include("web.planned.urls")),
    path("", include("web.people.urls")),
    path("", include("web.own_settings.urls")),
    path("", include("web.sections.urls")),
    path("", include("web.group_pictures.urls")),
    path("", include("web.group_deletion.urls")),
    path("", include("web.profiles.urls")),
    path("", include("web.settings.urls")),
    path("", include("web.direct.urls")),
    path("", include("web.invitations.urls")),
    path("", include("web.directory.urls")),
    path("", include("web.group_settings.urls")),
    path("", include("web.workspace.urls")),
    path("", include("web.audit.urls")),
    path("", include("web.reports.urls")),
    path("", include("web.teams.urls")),
    path("", include("web.blocked.urls")),
    path("", include("web.notifications.urls")),
    path("", include("web.status.urls")),
]
