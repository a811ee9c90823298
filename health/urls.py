"""URLs of health reports, relative to the server's root."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/health", views.HealthView.as_view(), name="health"),
    path("api/health/live", views.LiveView.as_view(), name="health-live"),
    path("api/health/ready", views.ReadyView.as_view(), name="health-ready"),
]
