"""URLs of users, relative to the server's root."""

from django.urls import path

from . import views
from .clerk.views import WebhookView

urlpatterns = [
    path("api/users", views.UsersView.as_view(), name="users"),
    path("api/users/me", views.MeView.as_view(), name="me"),
    path("api/users/me/privacy", views.PrivacyView.as_view(), name="privacy"),
    path("api/users/me/preferences", views.PreferencesView.as_view(), name="preferences"),
    path("api/users/me/status", views.StatusView.as_view(), name="custom-status"),
    path("api/users/<str:userId>", views.UserView.as_view(), name="user"),
    path("api/webhooks/clerk", WebhookView.as_view(), name="clerk-webhook"),
    path(".well-known/jwks.json", views.JwksView.as_view(), name="jwks"),
]
