"""The URLs of all apps, the index of the API and its descriptions."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerView

from chatproject.asyncapi.views import AsyncApiView, events

from .views import ApiRoot, NotFoundView, SchemaView, root_with_slash, without_slash

urlpatterns = [
    path("", include("users.urls")),
    path("", include("workspace.urls")),
    path("", include("workspace.audit.urls")),
    path("", include("workspace.teams.urls")),
    path("", include("accounts.urls")),
    path("", include("groups.urls")),
    path("", include("presence.urls")),
    path("", include("messaging.urls")),
    path("", include("files.urls")),
    path("", include("moderation.urls")),
    path("", include("notifications.urls")),
    path("", include("search.urls")),
    path("", include("health.urls")),
    path("", include("web.urls")),
    path("api", root_with_slash),
    path("api/", ApiRoot.as_view(), name="api"),
    path("api/schema", SchemaView.as_view(), name="schema"),
    # It has no page that would answer OPTIONS.
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema", http_method_names=["get", "head"]), name="docs"),
    path("api/asyncapi.json", AsyncApiView.as_view(), name="asyncapi"),
    path("api/events", events, name="events"),
    re_path("^.+/$", without_slash),
    re_path(r"^api/", NotFoundView.as_view()),
]
